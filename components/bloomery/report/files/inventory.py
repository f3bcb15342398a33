"""``inventory.yaml``: every host for Ansible, grouped as the playbooks ask for them.

Written by hand, not by a YAML library: thousands of hosts in milliseconds. A JSON string is
a YAML string, so quoting is that of JSON.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bloomery.plan.model import NodePlan, Plan, RackPartPlan, SwitchPlan
from bloomery.plan.port_names import system_of

Value = str | int | Mapping[str, str] | Mapping[str, Sequence[str]]
"""A variable of a host or group."""


def inventory_yaml(plan: Plan) -> bytes:
    """Hosts by purpose (the groups of ``ansible/playbooks``), pool and rack; then switches, and
    the parts of rack-scale racks.

    Hosts of a pool whose ports have known names have ``hca_mapping`` and ``port_names``, by network
    and in the order of the rails; switches have ``os``.
    """
    lines = ["all:", "  vars:", *(f"    {line}" for line in _vars(plan)), "  children:"]
    lines += [f"    {line}" for line in (*_nodes(plan), *_switches(plan), *_parts(plan))]
    return ("\n".join(lines) + "\n").encode()


def group(kind: str, name: str) -> str:
    """A group's name: Ansible takes letters, digits and underscores."""
    return f"{kind}_{name}".replace("-", "_")


def _vars(plan: Plan) -> Iterator[str]:
    facts = plan.site
    for key, value in (
        ("site", facts.name),
        ("release", facts.release),
        ("depot_url", facts.depot),
    ):
        yield f"{key}: {json.dumps(value, ensure_ascii=False)}"


def _nodes(plan: Plan) -> Iterator[str]:
    purposes: dict[str, list[NodePlan]] = defaultdict(list)
    others: dict[str, list[NodePlan]] = defaultdict(list)
    for node in plan.metal.nodes:
        purposes[node.purpose].append(node)
        others[group("pool", node.pool)].append(node)
        others[group("rack", node.rack)].append(node)
    for purpose, nodes in sorted(purposes.items()):
        yield f"{purpose}:"
        yield "  hosts:"
        yield from (f"    {_key(node.name)}: {_flow(_host(node))}" for node in nodes)
    known = _ports(plan)
    for name, nodes in sorted(others.items()):
        yield f"{name}:"
        if names := known.get(name):
            yield f"  vars: {_flow(names)}"
        yield "  hosts: {" + ", ".join(f"{_key(node.name)}: " for node in nodes) + "}"


def _ports(plan: Plan) -> Mapping[str, Mapping[str, Value]]:
    """Group of a pool -> adapters and interfaces of its hosts by network; an adapter that is known
    by its PCI address alone has that."""
    found: dict[str, dict[str, dict[str, Sequence[str]]]] = defaultdict(lambda: defaultdict(dict))
    for it in plan.fabric.host_ports:
        pci = it.pci or ("",) * len(it.hcas)
        hcas = it.hcas or ("",) * len(it.pci)
        mine = found[group("pool", it.pool)]
        if hcas:
            mine["hca_mapping"][it.network] = [a or b for a, b in zip(hcas, pci, strict=True)]
        if it.interfaces:
            mine["port_names"][it.network] = it.interfaces
    return {name: dict(names) for name, names in found.items()}


def _host(node: NodePlan) -> Mapping[str, Value]:
    found: dict[str, Value] = {
        "ansible_host": node.host.address,
        "ansible_port": node.host.ssh_port,
        "ansible_user": node.host.user,
        "bmc_address": node.bmc.address,
        "model": node.model,
        "pool": node.pool,
        "rack": node.rack,
        "unit": node.unit,
    }
    # Below one variable: a column may be called as a variable of Ansible is.
    return {**found, "delivery": node.further} if node.further else found


def _switches(plan: Plan) -> Iterator[str]:
    networks: dict[str, list[SwitchPlan]] = defaultdict(list)
    for switch in plan.fabric.switches:
        networks[group("switches", switch.network)].append(switch)
    hosts = {
        name: [f"{_key(it.name)}: {_flow(_switch(it, system_of(plan, it)))}" for it in found]
        for name, found in networks.items()
    }
    yield from _children("switches", hosts)


def _children(title: str, hosts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A group of groups: name -> one line a host. Nothing where there are none."""
    if not hosts:
        return
    yield f"{title}:"
    yield "  children:"
    for name, lines in sorted(hosts.items()):
        yield f"    {name}:"
        yield "      hosts:"
        yield from (f"        {line}" for line in lines)


def _switch(switch: SwitchPlan, system: str) -> Mapping[str, Value]:
    found: dict[str, Value] = {"model": switch.model, "tier": switch.tier}
    if system:
        found["os"] = system
    if switch.oob_address:
        found["ansible_host"] = switch.oob_address.partition("/")[0]
    if switch.rack:
        found |= {"rack": switch.rack, "unit": switch.unit}
    return found


def _parts(plan: Plan) -> Iterator[str]:
    kinds: dict[str, list[RackPartPlan]] = defaultdict(list)
    for part in plan.metal.parts:
        kinds[group("parts", part.kind)].append(part)
    hosts = {
        name: [f"{_key(it.name)}: {_flow(_part(it))}" for it in found]
        for name, found in kinds.items()
    }
    yield from _children("rack_parts", hosts)


def _part(part: RackPartPlan) -> Mapping[str, Value]:
    return {
        "model": part.model,
        "ansible_host": part.oob_address,
        "rack": part.rack,
        "unit": part.unit,
    }


WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Names a YAML 1.1 reader would not take for text."""


def _key(name: str) -> str:
    return f'"{name}"' if name in WORDS else name


def _flow(values: Mapping[str, Value]) -> str:
    return "{" + ", ".join(f"{k}: {_value(v)}" for k, v in values.items()) + "}"


def _value(value: Value) -> str:
    if isinstance(value, Mapping):
        inner = (
            f"{json.dumps(key)}: {json.dumps(text, ensure_ascii=False)}"
            for key, text in value.items()
        )
        return "{" + ", ".join(inner) + "}"
    return json.dumps(value, ensure_ascii=False)
