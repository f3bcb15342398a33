"""The nouns of a site, and the layers in which they are brought up."""

from __future__ import annotations

from typing import Literal, get_args

Noun = Literal["fabric", "cooling", "metal", "storage", "cluster"]
"""Rooms with a component, in the order in which they are brought up."""

LAYERS: tuple[str, ...] = ("base", *get_args(Noun))
"""Layers of a site, from below. ``base`` holds the management machines and what runs on them
before everything else; the others are the nouns."""

BASE_PURPOSE = "management"
"""Purpose of the pools that are the layer ``base``: they carry what all others are run by."""

CARRYING = LAYERS[: LAYERS.index("metal")]
"""Layers below the metal: no machine but those of the base is touched before they stand."""


def layer_of(noun: str, purpose: str = "") -> str:
    """Layer of what belongs to ``noun``; pools of management machines are the layer below all."""
    return "base" if noun == "metal" and purpose == BASE_PURPOSE else noun
