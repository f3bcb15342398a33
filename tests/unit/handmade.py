"""A plan of S scalable units, put together by hand: shares no line with ``bloomery.plan``.

32 machines of 8 rails a unit, switches of 64 ports; two tiers up to 8 units, above that
three tiers in pods of 4. The figures are round numbers, none is of a real product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bloomery.plan.model import (
    BmcPlan,
    Cable,
    CapacityPlan,
    CduPlan,
    CircuitPlan,
    ClusterPlan,
    CoolingPlan,
    CostPlan,
    FabricPlan,
    HallPlan,
    HostPlan,
    Identity,
    LoopPlan,
    MetalPlan,
    ModelPlan,
    NetworkPlan,
    NodePlan,
    Plan,
    ProjectPlan,
    RackFlow,
    RackItem,
    RackPlan,
    RunPlan,
    SiteFacts,
    SourcePlan,
    StoragePlan,
    SwitchPlan,
    TenantPlan,
    TierPlan,
)

NODES, RAILS, POD = 32, 8, 4
HEIGHT, KW = 10, 14.0
ROW = 32
"""Racks in a row."""


def plan(su: int, name: str = "handmade") -> Plan:
    nodes = tuple(_node(s, n) for s in range(1, su + 1) for n in range(1, NODES + 1))
    switches = tuple(_switches(su))
    racks = _racks(su, nodes, switches)
    return Plan(
        site=_facts(name),
        metal=_metal(nodes, racks),
        cooling=_cooling(racks),
        fabric=_fabric(su, switches),
        storage=_storage(),
        cluster=_cluster(nodes),
        runs=_runs(nodes),
    )


def _facts(name: str) -> SiteFacts:
    return SiteFacts(
        name=name,
        country="UA",
        location="UA-kyiv",
        allowed_locations=("UA-kyiv",),
        oob_cidr="10.32.0.0/11",
        provisioning_cidr="10.64.0.0/11",
        controller_oob="10.32.0.1",
        depot="https://10.64.0.1",
        release="metal-2026.11",
        on_delete="release",
        protect=True,
        bmc_credentials="derived",
        lab=False,
    )


def _rack_of(su: int, node: int) -> int:
    """Eight racks of four machines a unit, then one of switches."""
    return (su - 1) * 9 + (node - 1) // 4 + 1


def _node(su: int, number: int) -> NodePlan:
    rack, unit = _rack_of(su, number), (number - 1) % 4 * HEIGHT + 1
    serial = (su - 1) * NODES + number
    octets = f"{rack // 200}.{rack % 200 + 1}.{unit}"
    return NodePlan(
        name=f"s{su:02d}-n{number:02d}",
        pool="train",
        purpose="training",
        model="node-x",
        rack=f"r{rack:04d}",
        unit=unit,
        height=HEIGHT,
        power_kw=KW,
        identity=Identity(f"02:00:00:00:{serial >> 8:02x}:{serial & 255:02x}", f"S{serial}", ""),
        bmc=BmcPlan(f"10.4{octets}", ""),
        host=HostPlan(f"10.8{octets}", 11, "10.64.0.1", "02:00:00:00:00:00", 22, "deploy"),
        image="https://10.32.0.1/media/x.iso",
        bios={"Boot": "Uefi"},
        install_generation=1,
        key_epoch=1,
    )


def _switches(su: int) -> Iterator[SwitchPlan]:
    deep = su > 8
    for s in range(1, su + 1):
        pod = (s - 1) // POD + 1 if deep else 0
        for rail in range(1, RAILS + 1):
            index = (s - 1) * RAILS + rail - 1
            yield _switch("leaf", index, f"s{s:02d}-r{rail}", s * 9, rail, su=s, rail=rail, pod=pod)
    spines = su * RAILS if deep else su * RAILS // 2
    for index in range(spines):
        pod = index // 32 + 1 if deep else 0
        rack = (index // 8) % su + 1
        yield _switch("spine", index, f"{index + 1:03d}", rack * 9, 10 + index % 8, pod=pod)
    for index in range(spines // 2 if deep else 0):
        yield _switch("core", index, f"{index + 1:03d}", (index // 8 % su + 1) * 9, 20 + index % 8)


def _switch(tier: str, index: int, at: str, rack: int, unit: int, **place: int) -> SwitchPlan:
    name = f"compute-{tier}-{at}"
    made = SwitchPlan(name, "compute", tier, index, "switch-x", ports=64, per_cage=2)
    down = 64 if tier == "core" or (tier == "spine" and not place["pod"]) else 32
    made = replace(made, down=down, up=64 - down, rack=f"r{rack:04d}", unit=unit)
    address = f"10.33.{index // 250}.{index % 250 + 1}"
    return replace(made, oob_address=address, **place)  # type: ignore[arg-type]


def _fabric(su: int, switches: tuple[SwitchPlan, ...]) -> FabricPlan:
    cables = tuple(_cables(su, switches))
    count = {t: sum(s.tier == t for s in switches) for t in ("leaf", "spine", "core")}
    laid = {
        layer: sum(c.layer == layer for c in cables)
        for layer in ("node-leaf", "leaf-spine", "spine-core")
    }
    network = NetworkPlan(
        name="compute",
        kind="infiniband",
        switch_model="switch-x",
        tiers=3 if count["core"] else 2,
        planes=1,
        rails=RAILS,
        su=su,
        nodes_per_su=NODES,
        oversubscription=1.0,
        speed_gbps=400.0,
        leaves=count["leaf"],
        spines=count["spine"],
        cores=count["core"],
        node_cables=laid["node-leaf"],
        spine_cables=laid["leaf-spine"],
        core_cables=laid["spine-core"],
        reserved_ports=0,
        pool="train",
    )
    tenant = TenantPlan("alpha", 1, 10001, "65000:10001", "0x0002")
    return FabricPlan((network,), switches, cables, (tenant,))


def _cables(su: int, switches: tuple[SwitchPlan, ...]) -> Iterator[Cable]:
    tiers = {t: [s for s in switches if s.tier == t] for t in ("leaf", "spine", "core")}
    for leaf in tiers["leaf"]:
        for n in range(1, NODES + 1):
            node = f"s{leaf.su:02d}-n{n:02d}"
            yield _cable("node-leaf", node, f"hca{leaf.rail}", leaf.rail, leaf.name, n, 3.0)
    if not tiers["core"]:
        spines, p = tiers["spine"], 32 // len(tiers["spine"])
        for leaf in tiers["leaf"]:
            for up in range(32):
                other = leaf.index * p + up % p + 1
                yield _trunk("leaf-spine", leaf, 33 + up, spines[up // p], other)
        return
    for leaf in tiers["leaf"]:
        first = (leaf.pod - 1) * 32
        for up in range(32):
            yield _trunk(
                "leaf-spine", leaf, 33 + up, tiers["spine"][first + up], leaf.index % 32 + 1
            )
    group = len(tiers["core"]) // 32
    links = 32 // group
    for spine in tiers["spine"]:
        for up in range(32):
            core = tiers["core"][spine.index % 32 * group + up // links]
            yield _trunk(
                "spine-core", spine, 33 + up, core, (spine.pod - 1) * links + up % links + 1
            )


def _port(index: int) -> str:
    return f"p{(index + 1) // 2:02d}/{(index - 1) % 2 + 1}"


def _trunk(layer: str, low: SwitchPlan, port: int, high: SwitchPlan, other: int) -> Cable:
    return _cable(layer, low.name, _port(port), port, high.name, other, 20.0)


def _cable(
    layer: str, low: str, port: str, index: int, high: str, other: int, length: float
) -> Cable:
    far = _port(other)
    return Cable(
        id=f"compute:{low}:{port}-{high}:{far}",
        network="compute",
        layer=layer,
        a_device=low,
        a_port=port,
        a_index=index,
        b_device=high,
        b_port=far,
        b_index=other,
        speed_gbps=400.0,
        medium="dac" if length < 5 else "fibre",
        length_m=length,
        a_label=f"{low} {port} > {high} {far}",
        b_label=f"{high} {far} > {low} {port}",
    )


def _racks(
    su: int, nodes: tuple[NodePlan, ...], switches: tuple[SwitchPlan, ...]
) -> tuple[RackPlan, ...]:
    held: dict[str, list[RackItem]] = {f"r{r:04d}": [] for r in range(1, su * 9 + 1)}
    for node in nodes:
        held[node.rack].append(RackItem(node.name, "node", node.model, node.unit, node.height))
    for switch in switches:
        held[switch.rack].append(RackItem(switch.name, "switch", switch.model, switch.unit, 1))
    return tuple(_rack(name, index, items) for index, (name, items) in enumerate(held.items()))


def _rack(name: str, index: int, items: list[RackItem]) -> RackPlan:
    nodes = tuple(item.name for item in items if item.kind == "node")
    kw = round(KW * len(nodes) + 1.0 * (len(items) - len(nodes)), 3)
    return RackPlan(
        name=name,
        units=48,
        power_limit_kw=70.0,
        power_kw=kw,
        nodes=nodes,
        hall="h1",
        row=f"row{index // ROW + 1:02d}",
        place=index % ROW + 1,
        peak_kw=kw,
        liquid_kw=0.8 * KW * len(nodes),
        air_kw=round(kw - 0.8 * KW * len(nodes), 3),
        weight_kg=130.0 * len(nodes) + 12.0 * (len(items) - len(nodes)),
        weight_limit_kg=1400.0,
        items=tuple(sorted(items, key=lambda item: item.unit)),
    )


def _metal(nodes: tuple[NodePlan, ...], racks: tuple[RackPlan, ...]) -> MetalPlan:
    hall = HallPlan("h1", 9000.0, 1000.0, 27.0, 60.0, tuple(rack.name for rack in racks))
    models = (
        ModelPlan("cdu-x", "Example CDU X", "cdu", 42, 12.0, 12.0, 0.0, 900.0),
        ModelPlan("node-x", "Example Node X", "node", HEIGHT, KW, KW, 0.8, 130.0, gpus=8),
        ModelPlan("switch-x", "Example Switch X", "switch", 1, 1.0, 1.0, 0.0, 12.0),
    )
    return MetalPlan(racks, nodes, models, (hall,), tuple(_sources(racks)), tuple(_circuits(racks)))


def _sources(racks: tuple[RackPlan, ...]) -> Iterator[SourcePlan]:
    total = sum(rack.power_kw for rack in racks)
    yield SourcePlan("grid", "utility", "", "", 2 * total, 0.0, total, total, backed=False)
    rows = sorted({rack.row for rack in racks})
    for side in "AB":
        ups = f"ups-{side.lower()}"
        yield SourcePlan(ups, "ups", "grid", side, 1.2 * total, 0.05, total / 2, total, backed=True)
        for row in rows:
            load = sum(rack.power_kw for rack in racks if rack.row == row)
            busway = f"{row}-{side.lower()}"
            yield SourcePlan(busway, "busway", ups, side, 2400.0, 0.0, load / 2, load, backed=True)


def _circuits(racks: tuple[RackPlan, ...]) -> Iterator[CircuitPlan]:
    for rack in racks:
        for side in "AB":
            half, third = round(rack.power_kw / 2, 3), round(rack.power_kw / 6, 3)
            yield CircuitPlan(
                rack=rack.name,
                source=f"{rack.row}-{side.lower()}",
                side=side,
                volts=415.0,
                amps=63.0,
                phases=3,
                continuous=0.8,
                count=2,
                power_factor=0.98,
                capacity_kw=71.0,
                load_kw=half,
                alone_kw=rack.power_kw,
                phase_kw=(third, third, third),
            )


def _cooling(racks: tuple[RackPlan, ...]) -> CoolingPlan:
    wet = [rack for rack in racks if rack.liquid_kw]
    loops, cdus = [], []
    for number, first in enumerate(range(0, len(wet), 32), 1):
        name = f"tcs{number:02d}"
        mine = wet[first : first + 32]
        names = tuple(f"{name}-cdu{one}" for one in range(1, 4))
        loops.append(_loop(name, mine, names))
        cdus += [_cdu(one, name) for one in names]
    return CoolingPlan(tuple(loops), tuple(cdus))


def _cdu(name: str, loop: str) -> CduPlan:
    return CduPlan(name, "cdu-x", loop, 1000.0, 1200.0, 200.0, 2, 1, 12.0, ("ups-a", "ups-b"))


def _loop(name: str, racks: list[RackPlan], cdus: tuple[str, ...]) -> LoopPlan:
    flows = tuple(
        RackFlow(rack.name, rack.liquid_kw, 65.0, 90.0, 50.0, "agent", f"{rack.name}-leak")
        for rack in racks
    )
    return LoopPlan(
        name=name,
        fluid="pg25",
        density_kg_l=1.02,
        heat_capacity_kj_kgk=3.9,
        supply_c=40.0,
        supply_min_c=32.0,
        return_limit_c=55.0,
        volume_l=1500.0,
        heat_kw=round(sum(flow.heat_kw for flow in flows), 3),
        flow_lpm=65.0 * len(flows),
        approach_k=4.0,
        facility_supply_c=36.0,
        static_head_kpa=30.0,
        rated_kpa=600.0,
        detect_s=2.0,
        decide_s=1.0,
        power_off_s=5.0,
        filter_um=25.0,
        materials=("copper", "epdm"),
        racks=flows,
        cdus=cdus,
    )


def _storage() -> StoragePlan:
    tier = TierPlan(
        name="scratch",
        tier=1,
        product="parallel file system",
        media="nvme",
        capacity_tb=2000.0,
        capacity_need_tb=1500.0,
        read_gbs=320.0,
        read_need_gbs=280.0,
        write_gbs=160.0,
        write_need_gbs=140.0,
        blocks=4,
        encrypted=True,
        key_custody="site",
        location="UA-kyiv",
        backup="",
        quota_unit="project",
    )
    return StoragePlan((tier,))


def _runs(nodes: tuple[NodePlan, ...]) -> tuple[RunPlan, ...]:
    names = tuple(node.name for node in nodes)
    common = {"noun": "metal", "layer": "metal", "needs": (), "vars": {"site": "handmade"}}
    run = RunPlan("base-train", "base", playbook="base", hosts=names, thing="train",
                  groups={"training": names}, **common)  # type: ignore[arg-type]  # fmt: skip
    return (run,)


def _cluster(nodes: tuple[NodePlan, ...]) -> ClusterPlan:
    return ClusterPlan(
        projects=(ProjectPlan("alpha", 1, "dedicated-node", "secret", "train", 64, 0, 8, 100.0),),
        capacity=(CapacityPlan("train", len(nodes), 8, 8 * len(nodes), 64, 0, 0),),
        cost=CostPlan("EUR", 1.9, 1e6, 8e5, 1e5, 1e4, 9e4, 900.0, 5000.0, 8 * len(nodes), 0.7),
    )
