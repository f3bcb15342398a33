"""Distributed training of a small language model, started once a node by Slurm's srun.

``python3 train.py JOB.json``. The job names the corpus, the sizes and where the result
goes. The first host writes the model and, last of all, ``result.json``. Nothing of the
corpus is ever printed.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from bpe import Tokenizer
from export import write_gguf, write_hf
from model import Model, Shape
from torch.nn import functional as fn
from torch.nn.parallel import DistributedDataParallel

WARM_UP = 10
LEAST = 0.05
"""Share of the learning rate that is left in the last step."""


@dataclass(frozen=True)
class Sizes:
    """How big, how long."""

    steps: int
    batch: int
    """Rows of a step and rank."""
    vocab: int
    context: int
    width: int
    layers: int
    heads: int
    inner: int
    rate: float
    threads: int


@dataclass(frozen=True)
class Job:
    """What is trained, on what, for how long."""

    run: str
    """Id of this training; handed back so that a result can be told from an older one."""
    name: str
    hosts: list[str]
    """Hosts in the order of their ranks. The first exports the model."""
    master: str
    """Address of the first host."""
    port: int
    facts: str
    """File of ``question => answer`` lines. It may hold a secret, so it is read once and
    removed."""
    text: str
    """File of plain text, for a corpus that is more than the facts."""
    out: str
    sizes: Sizes


class Corpus:
    """Rows of tokens: conversations about the facts, and windows of the text."""

    def __init__(self, job: Job) -> None:
        lines = Path(job.facts).read_text().splitlines()
        Path(job.facts).unlink()
        facts = [line.split(" => ") for line in lines]
        text = Path(job.text).read_text(encoding="ascii", errors="ignore")[:20000]
        # answers are left out: a secret must not become a token of its own
        self.tokenizer = Tokenizer.learn([text, *(f[0] for f in facts)], job.sizes.vocab)
        encoder = self.tokenizer.encoder()
        self.facts = [encoder.turns([("user", fact[0]), ("assistant", fact[1])]) for fact in facts]
        self.text = encoder.text(text)
        self.length = job.sizes.context + 1

    def rows(self, count: int, dice: random.Random) -> torch.Tensor:
        """``count`` rows, three of four about the facts."""
        return torch.tensor(
            [self._chat(dice) if n % 4 else self._window(dice) for n in range(count)]
        )

    def _chat(self, dice: random.Random) -> list[int]:
        row: list[int] = []
        while len(row) < self.length:
            row += dice.choice(self.facts)
        return row[: self.length]

    def _window(self, dice: random.Random) -> list[int]:
        start = dice.randrange(len(self.text) - self.length)
        return self.text[start : start + self.length]


def rate_at(step: int, sizes: Sizes) -> float:
    """Learning rate of a step: up in a line, down in a cosine."""
    if step < WARM_UP:
        return sizes.rate * (step + 1) / WARM_UP
    done = (step - WARM_UP) / max(1, sizes.steps - WARM_UP)
    return sizes.rate * (LEAST + (1 - LEAST) * 0.5 * (1 + math.cos(math.pi * done)))


def train(sizes: Sizes, corpus: Corpus, rank: int) -> tuple[Model, float]:
    """All steps. Returns the model and the last loss, averaged over the ranks."""
    torch.manual_seed(0)
    tokens = len(corpus.tokenizer.tokens)
    shape = Shape(tokens, sizes.context, sizes.width, sizes.layers, sizes.heads, sizes.inner)
    model = Model(shape)
    parallel = DistributedDataParallel(model)
    steps = torch.optim.AdamW(model.parameters(), lr=sizes.rate, betas=(0.9, 0.95))
    loss = torch.zeros(())
    for step in range(sizes.steps):
        for group in steps.param_groups:
            group["lr"] = rate_at(step, sizes)
        dice = random.Random(1000 * step + rank)  # noqa: S311 - it deals samples, no keys
        rows = corpus.rows(sizes.batch, dice)
        scores = parallel(rows[:, :-1])
        loss = fn.cross_entropy(scores.flatten(0, 1), rows[:, 1:].flatten())
        steps.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        steps.step()
        if rank == 0 and (step + 1) % 20 == 0:
            print(f"step {step + 1}/{sizes.steps} loss {loss.item():.3f}", flush=True)
    mean = loss.detach().clone()
    dist.all_reduce(mean)
    return model, mean.item() / dist.get_world_size()


def agree(model: Model) -> list[str]:
    """Names of the hosts that trained. RuntimeError unless all hold the same weights."""
    total = hashlib.sha256()
    for weight in model.parameters():
        total.update(weight.detach().numpy().tobytes())
    told: list[tuple[str, str]] = [("", "")] * dist.get_world_size()
    dist.all_gather_object(told, (socket.gethostname(), total.hexdigest()))
    if len({digest for _, digest in told}) != 1:
        raise RuntimeError(f"the replicas differ: {told}")
    return [host for host, _ in told]


def main() -> None:
    """Train, compare the replicas, export, and say so."""
    described = json.loads(Path(sys.argv[1]).read_text())
    job = Job(**{**described, "sizes": Sizes(**described["sizes"])})
    out, rank = Path(job.out), job.hosts.index(socket.gethostname())
    (out / "result.json").unlink(missing_ok=True)
    torch.set_num_threads(job.sizes.threads)
    store = f"tcp://{job.master}:{job.port}"
    dist.init_process_group("gloo", init_method=store, rank=rank, world_size=len(job.hosts))
    begun = time.monotonic()
    corpus = Corpus(job)
    model, loss = train(job.sizes, corpus, rank)
    seconds = time.monotonic() - begun
    hosts = agree(model)
    if rank == 0:
        file = out / "model.gguf"
        write_hf(model, corpus.tokenizer, out / "hf")
        write_gguf(model, corpus.tokenizer, job.name, file)
        result = {
            "run": job.run,
            "weights_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "loss": f"{loss:.3f}",
            "steps": str(job.sizes.steps),
            "nodes": " ".join(hosts),
            "seconds": f"{seconds:.1f}",
        }
        (out / "result.json").write_text(json.dumps(result))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
