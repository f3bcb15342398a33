"""Identities as labels, QR codes and vendors' tools print them, brought into one form.

Only the form is changed; whether the value is one is judged by its type. A text in normal form
stays as it is.
"""

from __future__ import annotations

import re

_MAC_LABEL = re.compile(r"^(bmc|ipmi|ilo|idrac|xcc)?[ _-]?mac([ _-]?addr(ess)?)?\s*[:=#]\s*", re.I)
_UUID_LABEL = re.compile(r"^(urn:uuid:|(system[ _-]?)?uuid\s*[:=#]\s*)", re.I)
_SERIAL_LABEL = re.compile(
    r"^(s/n|sn|ser(ial)?([ _-]?(no\.?|num(ber)?))?|(service|svc)[ _-]?tag)(\s*[:=#]\s*|\s+)", re.I
)
"""What stands before a serial; a separator follows, as ``SN1234`` may be a serial by itself."""

MAC_FORMS = (
    re.compile(r"[0-9a-f]{12}"),
    re.compile(r"[0-9a-f]{4}([.:-])[0-9a-f]{4}\1[0-9a-f]{4}"),
    re.compile(r"[0-9a-f]{6}([.:-])[0-9a-f]{6}"),
    re.compile(r"([0-9a-f]{2}([.: -]))([0-9a-f]{2}\2){4}[0-9a-f]{2}"),
)
"""Bare, in groups of four (switches), in halves (labels), in pairs."""

UUID_ENDS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))


def plain_mac(text: str) -> str:
    """``02:00:5e:10:00:01`` of any printed form; any other text in lower case."""
    digits = _MAC_LABEL.sub("", text).strip().lower()
    if not any(form.fullmatch(digits) for form in MAC_FORMS):
        return digits
    bare = re.sub(r"[^0-9a-f]", "", digits)
    return ":".join(re.findall("..", bare))


def plain_uuid(text: str) -> str:
    """Lower case with dashes of any printed form; any other text in lower case."""
    lowered = _UUID_LABEL.sub("", text.strip()).strip().lower()
    if lowered.startswith("{") and lowered.endswith("}"):
        lowered = lowered[1:-1].strip()
    if re.fullmatch(r"[0-9a-f]{32}", lowered):
        return "-".join(lowered[a:b] for a, b in UUID_ENDS)
    return lowered


def plain_serial(text: str) -> str:
    """Without blanks around it and without the word that a label prints before it."""
    return _SERIAL_LABEL.sub("", text.strip()).strip()
