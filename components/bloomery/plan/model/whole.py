"""Everything, per noun."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cached_property

import orjson

from bloomery.errors import Fault, FaultsError
from bloomery.plan.model.cluster import ClusterPlan
from bloomery.plan.model.cooling import CoolingPlan
from bloomery.plan.model.earlier import SCHEMA, up_to_date
from bloomery.plan.model.fabric import Cable, FabricPlan
from bloomery.plan.model.facts import SiteFacts
from bloomery.plan.model.metal import MetalPlan, NodePlan
from bloomery.plan.model.reading import read
from bloomery.plan.model.run import RunPlan
from bloomery.plan.model.storage import StoragePlan
from bloomery.plan.sparse import shown


@dataclass(frozen=True)
class Plan:
    """Everything, per noun. Same site, same bytes."""

    site: SiteFacts
    metal: MetalPlan
    cooling: CoolingPlan
    fabric: FabricPlan
    storage: StoragePlan
    cluster: ClusterPlan
    runs: tuple[RunPlan, ...] = ()
    """What runs on the machines, each after those it needs."""
    schema: int = SCHEMA
    """Version of the plan's shape; ``from_json`` reads earlier ones."""

    def to_json(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, one trailing newline; cables as bare rows."""
        return _encoded(self, list)

    def to_document(self) -> bytes:
        """The plan for other programs: as ``to_json``, and every row with the names of its fields.

        ``docs/plan-document.md`` lists them. Half as long again where a site has many cables.
        """
        return _encoded(self, lambda row: row._asdict())

    @classmethod
    def from_json(cls, data: bytes, file: str = "plan.json") -> Plan:
        """The plan that ``to_json`` or ``to_document`` wrote.

        Raises FaultsError with everything that is wrong.
        """
        try:
            parsed = json.loads(data)
        except ValueError as error:
            raise FaultsError([Fault(file, 0, "(file)", f"not JSON: {error}")]) from None
        except RecursionError:
            raise FaultsError([Fault(file, 0, "(file)", "nested too deeply to be read")]) from None
        made, faults = read(cls, up_to_date(parsed))
        if made is None:
            raise FaultsError([Fault(file, 0, path, reason) for path, reason in faults])
        return made

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, hex. Worked out once: several resources carry it."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def node(self, name: str) -> NodePlan:
        """The node called ``name``; KeyError where the plan has none."""
        for node in self.metal.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


def _encoded(plan: Plan, of_row: Callable[[Cable], object]) -> bytes:
    """JSON with sorted keys; ``of_row`` says what a cable becomes."""

    def plain(value: object) -> object:
        if isinstance(value, Cable):
            return of_row(value)
        if is_dataclass(value) and not isinstance(value, type):
            return dict(shown(value))  # field by field: the encoder would add cached properties
        if isinstance(value, Mapping):
            return dict(value)
        raise TypeError(f"{type(value).__name__} is no part of a plan")

    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(plan, default=plain, option=options)
