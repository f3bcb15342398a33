"""YAML text into plain values, with the line of every one of them.

Every scalar stays text: the models convert it. So ``country: NO`` is Norway, a serial
``0012`` keeps its zeros, and a fault can quote what was written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from bloomery.errors import Fault

Path = tuple[str | int, ...]
"""Where in a document: keys and list positions from the top."""

Value = str | dict[str, "Value"] | list["Value"] | None
"""What YAML text holds here; ``None`` where a key has nothing behind it."""


@dataclass
class Document:
    """One YAML document."""

    file: str
    """File name as the user wrote it."""
    data: dict[str, Value] | None = None
    """``None`` where the text holds no mapping; ``faults`` says why."""
    lines: dict[Path, int] = field(default_factory=dict)
    """Line of each key and each list item, counted from 1."""
    faults: list[Fault] = field(default_factory=list)
    """What was wrong before any meaning was looked at."""

    def line(self, path: Path) -> int:
        """Line of ``path``, or of the nearest part of it that is written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: Path, reason: str, hint: str = "") -> Fault:
        """A fault at ``path`` of this document."""
        return Fault(self.file, self.line(path), spell(path), reason, hint)


def _not_yaml(file: str, error: yaml.MarkedYAMLError) -> Fault:
    said = ", ".join(part for part in (error.context, error.problem) if part)
    # At the end of the text the problem's own mark tells nothing: where it began does.
    at_end = "end of stream" in (error.problem or "")
    marks = (error.context_mark, error.problem_mark)
    mark = next((it for it in (marks if at_end else reversed(marks)) if it), None)
    return Fault(file, mark.line + 1 if mark else 1, "(top)", f"not YAML: {said}")


def spell(path: Path) -> str:
    """``("nodes", 2, "model")`` as ``nodes[2].model``; the whole document is ``(top)``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(top)"


def parse(file: str, text: str) -> Document:
    """Read one document. Never raises: what is wrong stands in ``faults``."""
    document = Document(file)
    try:
        root = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        document.faults.append(_not_yaml(file, error))
        return document
    except yaml.YAMLError as error:
        reason = "not YAML: " + str(error).splitlines()[0]
        document.faults.append(Fault(file, 1, "(top)", reason))
        return document
    except RecursionError:
        document.faults.append(Fault(file, 1, "(top)", "nested too deeply to be read"))
        return document
    value = _read(root, (), document) if root is not None else None
    if isinstance(value, dict):
        document.data = value
    else:
        document.faults.append(document.fault((), f"{kind(value)} where a mapping is expected"))
    return document


LONGEST_QUOTE = 80
"""Characters of a value that a fault repeats: more is no line a person can read."""


def shorten(text: str) -> str:
    """``text`` in quotes; of a long one its beginning, and how long it is."""
    if len(text) <= LONGEST_QUOTE:
        return repr(text)
    return f"{text[:LONGEST_QUOTE]!r}... ({len(text)} characters)"


def kind(value: object) -> str:
    """How a person would call ``value``."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"the text {shorten(str(value))}"


class _Composer(yaml.BaseLoader):
    """Composes nodes without resolving types, and refuses aliases.

    An alias hides the line a value was written on, and nested ones can grow a small
    file without bound.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # stubs lack it
            raise yaml.composer.ComposerError(
                None, None, "aliases (*name) are not read; write the value out", mark
            )
        return super().compose_node(parent, index)


def _read(node: yaml.Node, path: Path, document: Document) -> Value:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _read_mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_read(item, (*path, at), document) for at, item in enumerate(node.value)]
    # Only a plain empty scalar is nothing; "" in quotes is text.
    return (
        None
        if node.value == "" and node.start_mark.index == node.end_mark.index
        else str(node.value)
    )


def _read_mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.faults.append(Fault(document.file, line, spell(path), "a key is not text"))
            continue
        key = str(key_node.value)
        here = (*path, key)
        if key in found:
            first = document.lines[here]
            fault = Fault(
                document.file,
                line,
                spell(here),
                f"key {key!r} is given twice",
                f"it is given first on line {first}",
            )
            document.faults.append(fault)
            continue
        document.lines[here] = line
        found[key] = _read(value_node, here, document)
    return found
