"""Removes every kernel object of a lab by its name alone, whoever was killed before."""

from __future__ import annotations

from pathlib import Path


def kernel_objects(lab: str, state: Path) -> None:
    """Everything of the lab ``lab``, whose files are below ``state``."""


def machine_objects(lab: str, machine: str) -> None:
    """Everything of one machine."""
