"""CPU seconds of one training step of the same network in PyTorch, as one JSON object.

usage: training_step.py ITEMS EMBEDDING HIDDEN LANES STEPS THREADS
"""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as functional

items, embedding, hidden, lanes, steps, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)
DROPOUT = 0.4
WARM_UP, COUNTED = 5, 40


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.item_vectors = nn.Embedding(items, embedding)
        self.gru = nn.GRU(embedding, hidden)
        self.projection = nn.Linear(hidden, embedding)
        self.item_bias = nn.Parameter(torch.zeros(items))

    def forward(self, inputs, state):
        vectors = functional.dropout(self.item_vectors(inputs), DROPOUT)
        states, last = self.gru(vectors, state)
        outputs = functional.dropout(self.projection(states), DROPOUT)
        return outputs @ self.item_vectors.weight.T + self.item_bias, last.detach()


network = Network()
optimiser = torch.optim.Adam(network.parameters(), lr=0.005)
state = torch.zeros(1, lanes, hidden)
for step in range(WARM_UP + COUNTED):
    if step == WARM_UP:
        cpu = time.process_time()
    inputs, targets = (torch.randint(items, (steps, lanes)) for _ in range(2))
    logits, state = network(inputs, state)
    loss = functional.cross_entropy(logits.reshape(-1, items), targets.reshape(-1))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
print(json.dumps({"cpu_seconds": (time.process_time() - cpu) / COUNTED, "version": torch.__version__}))
