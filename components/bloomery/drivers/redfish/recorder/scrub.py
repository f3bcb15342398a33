"""A tree without what tells whose it is: learnt over the whole tree, replaced in all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from bloomery.drivers.redfish import values
from bloomery.drivers.redfish.recorder.forms import Forms
from bloomery.drivers.redfish.recorder.identities import (
    PEM,
    PLACE_NUMBERS,
    SCHEMAS,
    SHORT,
    SSH_KEY,
    URL,
    WITHIN,
    Identity,
    Kind,
    by_form,
    by_name,
    is_secret,
)
from bloomery.errors import DeviceError

Tree = dict[str, dict[str, object]]
"""Path -> body."""

PADDING = " \t\r\n\0"
"""What vendors fill up values with."""

REMOVED = "REMOVED"
"""Stands where a certificate or key was."""


def scrub(resources: Tree, key: bytes, secrets: Sequence[str] = ()) -> Tree:
    """The tree with every identity replaced. Raises DeviceError where one would be left.

    ``key`` is made for this tree and thrown away; ``secrets`` are texts that must not occur.
    """
    known = tuple({found.text: found for found in _learn(resources)}.values())
    scrubber = Scrubber(Forms(key), known, secrets)
    made = {scrubber.path(path): scrubber.body(body) for path, body in resources.items()}
    left = leftovers(made, known, secrets)
    if left:
        raise DeviceError(
            f"{len(left)} identities or secrets would be left in the recording",
            next_step="nothing was written; report the property names that hold them",
        )
    return made


def leftovers(tree: Tree, known: Iterable[Identity], secrets: Iterable[str] = ()) -> set[str]:
    """Identities and secrets that are still somewhere in a tree, in any of their forms."""
    whole = "\n".join(_texts(tree))
    bare = re.sub(r"[:.-]", "", whole.lower())
    found = {one.text for one in known if one.kind == "hex" and _digits(one.text) in bare}
    for one in known:
        flags = re.NOFLAG if one.cased else re.IGNORECASE
        pattern = _pattern(one, one.text)
        if pattern and re.search(pattern, whole, flags):
            found.add(one.text)
    return found | {one for one in secrets if len(one) >= SHORT and one in whole}


def _digits(text: str) -> str:
    return re.sub(r"[:.-]", "", text.lower().removeprefix("0x"))


def _hidden(found: re.Match[str]) -> str:
    """A word of a property's name, which is Redfish's own, so that no account is found in it."""
    return found[0].upper()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield re.sub("[A-Za-z]+", _hidden, str(name))
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _learn(resources: Tree) -> Iterator[Identity]:
    for path, body in resources.items():
        yield from by_form("", path)
        yield from _in(body, "", within=False)


def _in(value: object, name: str, *, within: bool) -> Iterator[Identity]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from by_form("", key)
            yield from _in(one, key, within=within or bool(WITHIN.match(key)))
    elif isinstance(value, list):
        for one in value:
            yield from _in(one, name, within=within)
    elif not is_secret(name, value):
        found = by_name(name, value, within=within)
        if found is not None:
            yield found
        if isinstance(value, str):
            yield from by_form(name, value)
            yield from _hosts(value)


def _hosts(text: str) -> Iterator[Identity]:
    for found in URL.finditer(text):
        host = _host(found[0])
        if host and not SCHEMAS.search(host) and not any(by_form("", host)) and "." in host:
            yield Identity("text", host)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class Scrubber:
    """Replaces what was learnt, and removes secrets."""

    def __init__(self, forms: Forms, known: Sequence[Identity], secrets: Sequence[str]) -> None:
        self._forms = forms
        self._kinds: dict[str, Kind] = {}
        self._numbers = {one.text for one in known if one.reach == "word" and one.text.isdigit()}
        patterns: dict[str, None] = {}
        for one in sorted(known, key=lambda found: -len(found.text)):
            for form in _shapes(one):
                self._kinds.setdefault(form.lower(), one.kind)
                patterns[_pattern(one, form)] = None
        self._pattern = _any(patterns)
        self._secrets = _any(re.escape(one) for one in secrets if len(one) >= SHORT)
        self._short_secrets = {one for one in secrets if len(one) < SHORT}

    def path(self, text: str) -> str:
        """A path of a resource, or any text without a name."""
        return self._pattern.sub(lambda found: self._other(found[0]), text)

    def body(self, value: dict[str, object]) -> dict[str, object]:
        """A body."""
        return dict(self._object(value, within=False))

    def _object(self, value: dict[str, object], *, within: bool) -> Iterator[tuple[str, object]]:
        for key, one in value.items():
            inner = within or bool(WITHIN.match(key))
            yield self.path(key), self._value(key, one, within=inner)

    def _value(self, name: str, value: object, *, within: bool) -> object:
        if isinstance(value, dict):
            return dict(self._object(value, within=within))
        if isinstance(value, list):
            return [self._value(name, one, within=within) for one in value]
        if is_secret(name, value):
            return None
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str):
            return self._text(name, value, within=within)
        return self._number(name, value, within=within)

    def _number(self, name: str, value: object, *, within: bool) -> object:
        if name in PLACE_NUMBERS:
            return 0
        if not isinstance(value, int):
            return value
        told = by_name(name, value, within=within) or str(abs(value)) in self._numbers
        return self._forms.number(value) if told else value

    def _text(self, name: str, text: str, *, within: bool) -> str:
        if text in self._short_secrets:
            return ""
        text = self._secrets.sub("", text)
        text = SSH_KEY.sub(lambda found: f"{found[1]} {REMOVED}", PEM.sub(_empty_frame, text))
        if by_name(name, text, within=within):
            return self._other(text)
        return self.path(URL.sub(self._url, text))

    def _url(self, found: re.Match[str]) -> str:
        """A URL without the login and without what its path tells; its last suffix is kept."""
        host = _host(found[0])
        if SCHEMAS.search(host):
            return found[0]
        place, slash, path = found["rest"].rpartition("@")[2].partition("/")
        stem, dot, suffix = path.rpartition(".")
        if path.lower().startswith("redfish"):
            return f"{found['scheme']}://{place}{slash}{path}"
        kept = f"{self._forms.text(stem)}{dot}{suffix}" if dot else self._forms.text(path)
        return f"{found['scheme']}://{place}{slash}{kept if path else ''}"

    def _other(self, padded: str) -> str:
        """What stands for an identity in one of its forms; padding around it is kept."""
        text = padded.strip(PADDING)
        kind = self._kinds.get(text.lower(), "text")
        if kind == "hex":
            head = text[:2] if text.lower().startswith("0x") else ""
            made = head + self._forms.hex(text[len(head) :])
        elif kind == "ipv4":
            made = self._forms.ipv4(text)
        else:
            made = self._forms.ipv6(text) if kind == "ipv6" else self._forms.text(text)
        return padded.replace(text, made) if text else padded


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all; one that finds nothing where there are none."""
    return re.compile("|".join(filter(None, patterns)) or r"(?!)")


def _pattern(one: Identity, form: str) -> str:
    """How a form is looked for; empty for what is replaced only where it is named."""
    text = re.escape(form)
    match one.reach:
        case "inside":
            return f"(?i:{text})"
        case "named":
            return ""
    if one.kind != "text":
        ends = "[0-9A-Fa-f:]" if one.kind == "ipv6" else "[0-9]"
        return rf"(?<!{ends})(?i:{text})(?!{ends})"
    return rf"(?<![0-9A-Za-z]){text if one.cased else f'(?i:{text})'}(?![0-9A-Za-z])"


def _shapes(one: Identity) -> Iterator[str]:
    """The forms in which an identity may stand elsewhere."""
    yield one.text
    digits = _digits(one.text)
    if one.kind != "hex":
        return
    yield digits
    pairs = re.findall("..", digits)
    yield ":".join(pairs)
    yield "-".join(pairs)
    if len(digits) == values.MAC_DIGITS:
        yield ".".join(re.findall("....", digits))
    if len(digits) == values.UUID_DIGITS:
        for other in (values.uuid(digits), values.swapped(digits)):
            if other:
                yield from (other, other.replace("-", ""))


def _empty_frame(found: re.Match[str]) -> str:
    lines = found[0].split("\n")
    last = lines[-1] if lines[-1].startswith("-----END") else ""
    return "\n".join(one for one in (lines[0].strip()[:60], REMOVED, last) if one)
