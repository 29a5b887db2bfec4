"""What both trainings share: the schedule, the running mean of the weights, the log."""

import copy
import json
import math
import pathlib
import time

import torch


def rate(step, steps, warmup, highest):
    """Linear warm-up, then half a cosine down to a hundredth."""
    if step < warmup:
        return highest * (step + 1) / warmup
    t = min(1.0, (step - warmup) / max(1, steps - warmup))
    return highest * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * t)))


class Mean:
    """The exponential running mean of a model's weights and statistics, quick at first."""

    def __init__(self, model, decay):
        self.model = copy.deepcopy(model).eval()
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, model):
        self.updates += 1
        keep = self.decay * (1 - math.exp(-self.updates / 200))
        for mean, value in zip(self.model.state_dict().values(), model.state_dict().values()):
            if mean.dtype.is_floating_point:
                mean.mul_(keep).add_(value, alpha=1 - keep)
            else:
                mean.copy_(value)


class Log:
    """One JSON object a line, on standard output and in a file."""

    def __init__(self, path):
        self.path, self.start = pathlib.Path(path), time.time()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("")

    def minutes(self):
        return (time.time() - self.start) / 60

    def write(self, **facts):
        facts = {"minutes": self.minutes(), **facts}
        line = json.dumps({key: round(v, 4) if isinstance(v, float) else v for key, v in facts.items()})
        print(line, flush=True)
        with self.path.open("a") as file:
            file.write(line + "\n")


def parameters(model, decay):
    """Convolutions and fully connected layers decay, biases and normalizations do not."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]


def save(model, path):
    """Writes a state dict, whole or not at all."""
    path = pathlib.Path(path)
    beside = path.with_name(path.name + ".part")
    torch.save(model.state_dict(), beside)
    beside.replace(path)
