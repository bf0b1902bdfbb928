"""One training step of the recurrent recipe in PyTorch, for comparison: CPU time, as JSON.

The model is the same: item vectors, a GRU, a linear layer back to the item vectors, a bias per item, dropout on the
item vectors and on the output, cross-entropy over the whole catalogue, Adam. The inputs are random, as they are for
the step it is compared with.

usage: gru_training_step.py LANES STEPS ITEMS EMBEDDING HIDDEN REPETITIONS
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    def __init__(self, items: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(items, embedding)
        self.bias = nn.Parameter(torch.zeros(items))
        self.gru = nn.GRU(embedding, hidden)
        self.projection = nn.Linear(hidden, embedding)
        self.dropout = nn.Dropout(0.2)

    def forward(self, inputs: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        outputs, state = self.gru(self.dropout(self.vectors(inputs)), state)
        projected = self.dropout(self.projection(outputs)).flatten(0, 1)
        return projected @ self.vectors.weight.T + self.bias, state


def main() -> None:
    lanes, steps, items, embedding, hidden, repetitions = map(int, sys.argv[1:])
    torch.manual_seed(1)
    network = Network(items, embedding, hidden)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.9, 0.98))
    state = torch.zeros(1, lanes, hidden)
    warm_up = max(3, repetitions // 10)
    for repetition in range(warm_up + repetitions):
        if repetition == warm_up:
            cpu, wall = time.process_time(), time.perf_counter()
        inputs = torch.randint(items, (steps, lanes))
        targets = torch.randint(items, (steps * lanes,))
        logits, state = network(inputs, state.detach())
        loss = functional.cross_entropy(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(
        json.dumps(
            {
                "cpu_ms": 1000 * (time.process_time() - cpu) / repetitions,
                "wall_ms": 1000 * (time.perf_counter() - wall) / repetitions,
                "threads": torch.get_num_threads(),
                "torch": torch.__version__,
            }
        )
    )


if __name__ == "__main__":
    main()
