"""The devices of a plan, each with its type and place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bloomery.plan.model import ModelPlan, Plan, RackPlan
from bloomery.plan.port_names import HostPorts, model_of, switch_naming
from bloomery.report.netbox.carried import carry
from bloomery.report.netbox.names import UNKNOWN, DeviceType, device_type


@dataclass(frozen=True)
class Device:
    """One device of NetBox."""

    name: str
    role: str
    type: DeviceType
    serial: str = ""
    hall: str = ""
    rack: str = ""
    unit: int = 0
    asset_tag: str = ""
    comments: str = ""
    ports: Mapping[str, str] = field(default_factory=dict)
    """Port as the plan calls it -> name of its interface, where that is another one."""

    def port(self, name: str) -> str:
        """NetBox's name of a port."""
        return self.ports.get(name, name)


def devices(plan: Plan) -> Iterator[Device]:
    """Machines, switches, CDUs and parts of racks, then what cables end at besides."""
    models, ports = _models(plan), interface_names(plan)
    carried = {node.name: carry(node.further) for node in plan.metal.nodes if node.further}
    halls = {rack.name: location(plan, rack) for rack in plan.metal.racks}
    listed = [(n.name, "node", n.model, n.identity.chassis_serial, n.rack, n.unit, n.height)
              for n in plan.metal.nodes]  # fmt: skip
    listed += [(s.name, "switch", s.model, "", s.rack, s.unit, 0) for s in plan.fabric.switches]
    listed += [(c.name, "cdu", c.model, "", c.rack, c.unit, 0) for c in plan.cooling.cdus]
    listed += [(p.name, p.kind, p.model, "", p.rack, p.unit, 0) for p in plan.metal.parts]
    for name, role, key, serial, rack, unit, height in listed:
        model = models.get(key)
        kind = device_type(role, key, model, height or (model.height if model else 0))
        hall, (tag, words) = halls.get(rack, ""), carried.get(name, ("", ""))
        yield Device(name, role, kind, serial, hall, rack, unit, tag, words, ports.get(name, {}))
    known = {name for name, *_ in listed}
    ends = (end for cable in plan.fabric.cables for end in (cable.a_device, cable.b_device))
    for name in dict.fromkeys(end for end in ends if end not in known):
        yield Device(name, "endpoint", UNKNOWN)


def interface_names(plan: Plan) -> Mapping[str, Mapping[str, str]]:
    """Device -> ports that NetBox calls otherwise: of switches as the type has them, of machines as
    their operating system does. A cable needs an interface of its own: ports that share a name keep
    the plan's."""
    found: dict[str, Mapping[str, str]] = {}
    for switch in plan.fabric.switches:
        made = model_of(switch)
        names = switch_naming(switch, made.netbox.ports if made and made.netbox else None).names
        found[switch.name] = {port: name for port, (name, *_) in names.items()}
    machines: dict[str, dict[str, str]] = defaultdict(dict)
    for machine, port, known in HostPorts(plan).ends(plan.fabric.cables):
        machines[machine][port] = known.interface
    for machine, ports in machines.items():
        count = Counter(ports.values())
        found[machine] = {port: name for port, name in ports.items() if name and count[name] == 1}
    return found


def location(plan: Plan, rack: RackPlan) -> str:
    """The rack's hall; where the site names none, a location of the site's own name: NetBox takes
    racks of one name twice where they have no location."""
    return rack.hall or plan.site.name


def _models(plan: Plan) -> Mapping[str, ModelPlan]:
    """By key of the catalogue: pools whose figures differ (``model@pool``) share its title."""
    return {
        **{model.key.partition("@")[0]: model for model in reversed(plan.metal.models)},
        **{model.key: model for model in plan.metal.models},
    }
