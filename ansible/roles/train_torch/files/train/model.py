"""A language model of the Llama architecture: RMS norm, rotary positions, gated feed forward."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

ROPE_BASE = 10000.0
NORM_EPS = 1e-5


@dataclass(frozen=True)
class Shape:
    """Sizes of the model."""

    vocab: int
    context: int
    width: int
    layers: int
    heads: int
    inner: int
    """Width of the feed forward part."""


class Norm(nn.Module):
    """Root mean square norm with a learnt scale."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimension."""
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPS) * self.weight


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs, bias=False)
    nn.init.normal_(layer.weight, std=inputs**-0.5)
    return layer


class Attention(nn.Module):
    """Causal attention with rotary positions."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.q = _linear(shape.width, shape.width)
        self.k = _linear(shape.width, shape.width)
        self.v = _linear(shape.width, shape.width)
        self.out = _linear(shape.width, shape.width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """Mix every position with those before it."""
        batch, length, width = x.shape
        parts = (batch, length, self.heads, width // self.heads)
        q, k, v = (part(x).view(parts).transpose(1, 2) for part in (self.q, self.k, self.v))
        q, k = _turn(q, cos, sin), _turn(k, cos, sin)
        scores = q @ k.transpose(-2, -1) * (width // self.heads) ** -0.5
        mixed = torch.softmax(scores + mask, dim=-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-right, left), dim=-1) * sin


class Block(nn.Module):
    """One layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention_norm = Norm(shape.width)
        self.attention = Attention(shape)
        self.feed_norm = Norm(shape.width)
        self.gate = _linear(shape.width, shape.inner)
        self.up = _linear(shape.width, shape.inner)
        self.down = _linear(shape.inner, shape.width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """Attention, then feed forward, each added to what came in."""
        x = x + self.attention(self.attention_norm(x), cos, sin, mask)
        y = self.feed_norm(x)
        return x + self.down(fn.silu(self.gate(y)) * self.up(y))


class Model(nn.Module):
    """Tokens in, scores of the next token out."""

    cos: Tensor
    sin: Tensor
    mask: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.width)
        nn.init.normal_(self.embed.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)
        self.head = _linear(shape.width, shape.vocab)
        half = shape.width // shape.heads // 2
        turns = ROPE_BASE ** (-torch.arange(half) / half)
        angles = torch.outer(torch.arange(shape.context), turns).repeat(1, 2)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        ahead = torch.full((shape.context, shape.context), float("-inf")).triu(1)
        self.register_buffer("mask", ahead, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Scores for the token after each position."""
        length = tokens.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, cos, sin, self.mask[:length, :length])
        return self.head(self.norm(x))
