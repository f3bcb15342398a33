"""What a site orders from the catalogue: kinds of things, and the keys that name a model of each.

The keys are read off the models of ``site.yaml`` by the type of their values, so a key that is
added is one of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args

from bloomery.catalogue import node_models, switch_models
from bloomery.catalogue.cdu import cdu_models
from bloomery.catalogue.pdu import pdu_models
from bloomery.site.cooling.sheet import CduKey
from bloomery.site.fabric.sheet import SwitchKey
from bloomery.site.model import SiteSheet
from bloomery.site.reading.document import Document, Path
from bloomery.site.types.keys import Pattern, every_key, written
from bloomery.site.types.text_types import ModelKey, PduKey


@dataclass(frozen=True)
class Kind:
    """One kind of thing of which a site names models."""

    word: str
    """What one is called: ``machine``."""
    words: str
    """What several are called."""
    models: Callable[[], Mapping[str, object]]
    """The catalogue's, by key."""
    type: object
    """Type of the keys of a site that name one."""
    choices: frozenset[str] = frozenset()
    """Keys beside it that are the site's own choice; all others there are figures of the model.
    Empty where figures stand elsewhere: those of switches, in ``fabric.switches``."""

    def places(self, document: Document) -> Iterator[tuple[Path, str]]:
        """Each place of ``document`` that names a model of this kind, and the model."""
        for pattern in _patterns(self):
            for path, value in written(document.data, pattern):
                if isinstance(value, str):
                    yield path, value


MACHINE = Kind(
    "machine",
    "machines",
    node_models,
    ModelKey,
    frozenset(
        {
            *("name", "model", "purpose", "personality", "media_transport", "node_mode"),
            *("bios", "os_disk", "secure_boot"),
        }
    ),
)
SWITCH = Kind("switch", "switches", switch_models, SwitchKey)

KINDS = (
    MACHINE,
    SWITCH,
    Kind(
        "CDU",
        "CDUs",
        cdu_models,
        CduKey,
        frozenset({"model", "names", "count", "feeds", "rack", "unit"}),
    ),
    Kind("PDU", "PDUs", pdu_models, PduKey, frozenset({"name", "pdu"})),
)
"""Every kind. Cables are none: the plan chooses them."""


@cache
def _patterns(kind: Kind) -> tuple[Pattern, ...]:
    mark = get_args(kind.type)[1]
    keys = every_key(SiteSheet)
    return tuple(key.pattern for key in keys if key.is_plain and mark in key.validators)
