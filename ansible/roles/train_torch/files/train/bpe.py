"""A byte-level tokenizer in the manner of GPT-2, small enough to train at start.

Every text can be written in it, since each byte is a token; merges make frequent
pieces shorter. Only ASCII text is split exactly as other readers of the format do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SPECIAL = ("<|end|>", "<|user|>", "<|assistant|>")
"""Tokens that no text can produce. The first closes every turn."""

_WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")


def _printable() -> dict[int, str]:
    """GPT-2's own table: byte to a character that can be printed."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in plain}
    missing = (byte for byte in range(256) if byte not in table)
    return table | {byte: chr(256 + number) for number, byte in enumerate(missing)}


_TABLE = _printable()


@dataclass(frozen=True)
class Tokenizer:
    """Merges in the order they were learnt; all else follows from them."""

    merges: tuple[tuple[str, str], ...]

    @classmethod
    def learn(cls, texts: Iterable[str], size: int) -> Tokenizer:
        """Learn merges until there are ``size`` tokens. Same texts, same tokenizer."""
        words = Counter(word for text in texts for word in _WORDS.findall(text))
        pieces = {tuple(_TABLE[b] for b in word.encode()): n for word, n in words.items()}
        merges: list[tuple[str, str]] = []
        while len(merges) < size - 256 - len(SPECIAL):
            pairs: Counter[tuple[str, str]] = Counter()
            for piece, count in pieces.items():
                for pair in pairwise(piece):
                    pairs[pair] += count
            if not pairs:
                break
            best = max(pairs, key=lambda pair: (pairs[pair], pair))
            merges.append(best)
            joined: Counter[tuple[str, ...]] = Counter()
            for piece, count in pieces.items():
                joined[_join(piece, best)] += count
            pieces = dict(joined)
        return cls(tuple(merges))

    @property
    def tokens(self) -> list[str]:
        """Every token's text, in the order of their numbers."""
        bytes_ = [_TABLE[byte] for byte in range(256)]
        return [*bytes_, *(left + right for left, right in self.merges), *SPECIAL]

    def encoder(self) -> Encoder:
        """What turns text into numbers."""
        ranks = {pair: number for number, pair in enumerate(self.merges)}
        return Encoder({text: number for number, text in enumerate(self.tokens)}, ranks)


@dataclass(frozen=True)
class Encoder:
    """Turns text and turns of a conversation into token numbers."""

    numbers: dict[str, int]
    ranks: dict[tuple[str, str], int]

    def text(self, text: str) -> list[int]:
        """Token numbers of ``text``."""
        return [self.numbers[p] for word in _WORDS.findall(text) for p in self._split(word)]

    def turns(self, turns: Sequence[tuple[str, str]]) -> list[int]:
        """Token numbers of a conversation of (role, text); as the chat template writes it."""
        found: list[int] = []
        for role, text in turns:
            found += [self.numbers[f"<|{role}|>"], *self.text(text), self.numbers[SPECIAL[0]]]
        return found

    def _split(self, word: str) -> tuple[str, ...]:
        piece = tuple(_TABLE[byte] for byte in word.encode())
        while True:
            known = [pair for pair in pairwise(piece) if pair in self.ranks]
            if not known:
                return piece
            piece = _join(piece, min(known, key=self.ranks.__getitem__))


def _join(piece: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    joined: list[str] = []
    at = 0
    while at < len(piece):
        if piece[at : at + 2] == pair:
            joined.append(pair[0] + pair[1])
            at += 2
        else:
            joined.append(piece[at])
            at += 1
    return tuple(joined)
