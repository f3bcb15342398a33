"""What the source of a class says of its fields."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator


def sources(cls: type) -> Iterator[ast.ClassDef]:
    """Source of ``cls`` and of the classes of bloomery it extends, base first."""
    for owner in reversed(cls.__mro__):
        if owner.__module__.startswith("bloomery."):
            tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
            yield next(node for node in tree.body if isinstance(node, ast.ClassDef))


def attribute_docs(cls: type) -> dict[str, str]:
    """Field -> the docstring that stands under it."""
    found: dict[str, str] = {}
    for owner in sources(cls):
        for field, below in zip(owner.body, owner.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
            ):
                found[field.target.id] = flat(str(below.value.value))
    return found


def flat(text: str) -> str:
    """One line of Markdown from a docstring's reStructuredText."""
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")
