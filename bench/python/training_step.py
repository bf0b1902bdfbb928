"""CPU seconds of one training step of the same network in PyTorch, as one JSON object.

usage: training_step.py gru|transformer ITEMS EMBEDDING HIDDEN LANES STEPS THREADS

HIDDEN is the width of the GRU's state, or of the transformer's feed-forward part.
"""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as functional

kind = sys.argv[1]
items, embedding, hidden, lanes, steps, threads = map(int, sys.argv[2:])
torch.set_num_threads(threads)
torch.manual_seed(1)
DROPOUT = {"gru": 0.4, "transformer": 0.3}[kind]
LAYERS, HEADS = 2, 2
WARM_UP, COUNTED = 5, 40


class Recurrent(nn.Module):
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


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.item_vectors = nn.Embedding(items, embedding)
        layer = nn.TransformerEncoderLayer(embedding, HEADS, hidden, DROPOUT, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, LAYERS, nn.LayerNorm(embedding), enable_nested_tensor=False)
        self.places = nn.Embedding(steps, embedding)
        self.item_bias = nn.Parameter(torch.zeros(items))
        self.register_buffer("mask", torch.triu(torch.full((steps, steps), float("-inf")), 1))

    def forward(self, inputs, state):
        vectors = functional.dropout(self.item_vectors(inputs.T) + self.places.weight, DROPOUT)
        outputs = functional.dropout(self.layers(vectors, self.mask).transpose(0, 1), DROPOUT)
        return outputs @ self.item_vectors.weight.T + self.item_bias, state


network = Recurrent() if kind == "gru" else Transformer()
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
