"""The plan as tables a terminal shows: one or a few a noun, none wider than a split screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bloomery.catalogue import node_model
from bloomery.names import short_name
from bloomery.plan import NodePlan, Plan
from bloomery.plan.fabric.growth import growth
from bloomery.plan.model import LoopPlan, RackPlan, SourcePlan
from bloomery.site.metal.further_columns import ASSET_TAG, plain_heading

MANY = 40
"""Machines or racks above which the table shows groups: more rows than a screen are no overview."""

FEW = 12
"""Rows of everything else above which it is summed up."""


def show(screen: Console, made: Plan, *, every_node: bool) -> None:
    """Print the whole plan, noun by noun; a noun the plan lacks is left out."""
    facts = made.site
    kind = "lab" if facts.lab else "metal"
    screen.print(f"[bold]{facts.name}[/]  {facts.location}  {kind}  release {facts.release}")
    for table in _tables(made, every_node=every_node):
        screen.print(table)
    for network, words in growth(made).items():
        screen.print(f"{network}: {words}", markup=False)
    if made.cluster.endpoint:
        screen.print(f"serves model {made.cluster.model_name!r} at {made.cluster.endpoint}")
    screen.print(f"plan digest {made.digest}", soft_wrap=True)


def _tables(made: Plan, *, every_node: bool) -> Iterable[Table]:
    listed = every_node or len(made.metal.nodes) <= MANY
    yield _racks(made) if len(made.metal.racks) <= MANY else _rows(made)
    yield _nodes(made) if listed else _pools(made)
    present: tuple[tuple[object, Callable[[Plan], Table]], ...] = (
        (made.metal.software, _software),
        (made.metal.sources, _sources),
        (made.cooling.loops, _loops),
        (made.fabric.networks, _networks),
        (made.storage.tiers, _tiers),
        (made.storage.checkpoints, _checkpoints),
        (made.cluster.capacity, _capacity),
        (made.cluster.cost, _cost),
        (made.runs, _runs),
    )
    yield from (table(made) for there, table in present if there)


def _table(title: str, *columns: str) -> Table:
    """A table whose columns marked with a leading ``#`` hold numbers."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column.lstrip("#"), justify="right" if column[0] == "#" else "left")
    return table


def _racks(made: Plan) -> Table:
    table = _table(
        "Racks",
        "rack",
        "#machines",
        "#used U",
        "#total U",
        "#nameplate kW",
        "#limit kW",
        "#free kW",
    )
    for rack in made.metal.racks:
        table.add_row(
            rack.name,
            str(len(rack.nodes)),
            str(_used(made, [rack])),
            str(rack.units),
            f"{rack.power_kw:.1f}",
            f"{rack.power_limit_kw:.1f}",
            f"{rack.power_limit_kw - rack.power_kw:.1f}",
        )
    return table


def _rows(made: Plan) -> Table:
    """Racks by their row; least free power last, since that rack is full first."""
    columns = (
        "row",
        "#racks",
        "#machines",
        "#used U",
        "#total U",
        "#nameplate kW",
        "#limit kW",
        "#least free kW",
    )
    table = _table("Rows of racks", *columns)
    rows: dict[tuple[str, str], list[RackPlan]] = defaultdict(list)
    for rack in made.metal.racks:
        rows[rack.hall, rack.row].append(rack)
    shown: dict[tuple[str, str], list[RackPlan]] = rows
    if len(rows) > MANY:
        shown = defaultdict(list)
        for (hall, _), racks in rows.items():
            shown[hall, ""].extend(racks)
    for (hall, row), racks in shown.items():
        free = min(rack.power_limit_kw - rack.power_kw for rack in racks)
        table.add_row(
            " ".join(part for part in (hall, row) if part) or "all",
            str(len(racks)),
            str(sum(len(rack.nodes) for rack in racks)),
            str(_used(made, racks)),
            str(sum(rack.units for rack in racks)),
            f"{sum(rack.power_kw for rack in racks):,.1f}",
            f"{sum(rack.power_limit_kw for rack in racks):,.1f}",
            f"{free:.1f}",
        )
    return table


def _used(made: Plan, racks: Sequence[RackPlan]) -> int:
    if any(rack.items for rack in racks):
        return sum(item.height for rack in racks for item in rack.items)
    names = {name for rack in racks for name in rack.nodes}
    return sum(node.height for node in made.metal.nodes if node.name in names)


def _nodes(made: Plan) -> Table:
    """Machines by their short names, which are their own: a domain is as wide as all the rest."""
    columns = ("machine", "purpose", "model", "rack", "#unit", "#kW", "BMC", "host", "#install gen")
    tags = {node.name: _asset_tag(node) for node in made.metal.nodes}
    tagged = any(tags.values())
    table = _table("Machines", *columns, *(["asset tag"] if tagged else []))
    for node in made.metal.nodes:
        table.add_row(
            short_name(node.name),
            node.purpose,
            node.model,
            node.rack,
            str(node.unit),
            f"{node.power_kw:.1f}",
            node.bmc.address,
            node.host.address,
            str(node.install_generation),
            *([tags[node.name]] if tagged else []),
        )
    return table


def _asset_tag(node: NodePlan) -> str:
    """Of the further columns the one that fits a screen."""
    found = (text for key, text in node.further.items() if plain_heading(key) == ASSET_TAG)
    return next(found, "")


def _pools(made: Plan) -> Table:
    columns = ("pool", "purpose", "model", "#machines", "#kW", "BMC proven by")
    table = _table("Pools (--nodes lists machines)", *columns)
    pools: dict[str, list[NodePlan]] = defaultdict(list)
    for node in made.metal.nodes:
        pools[node.pool].append(node)
    for pool, members in sorted(pools.items()):
        power = sum(node.power_kw for node in members)
        first = members[0]
        count, proof = str(len(members)), _proof(first)
        table.add_row(pool, first.purpose, first.model, count, f"{power:.1f}", proof)
    return table


def _proof(node: NodePlan) -> str:
    """What proves that BMCs of its model can be driven."""
    model = node_model(node.model)
    if model.unproven:
        return "nothing: allowed" if node.bmc.allow_unproven else "nothing"
    return ", ".join(model.bmc.trees) or "the lab"


def _software(made: Plan) -> Table:
    """A row for each kind of machine; ``bloomery release show`` lists the packages."""
    columns = ("pools", "model", "node mode", "kernel", "driver", "#packages", "#held")
    table = _table(f"Software of {made.site.release}", *columns)
    for one in made.metal.software:
        kernel, driver = (next(iter(one.of_step(step)), None) for step in ("kernel", "driver"))
        table.add_row(
            ", ".join(one.pools),
            one.model,
            one.mode,
            kernel.version if kernel else "",
            driver.version if driver else "",
            str(len(one.packages)),
            str(len(one.holds)),
        )
    return table


def _sources(made: Plan) -> Table:
    """The power tree level by level; of each level the one that is loaded most."""
    columns = (
        "kind",
        "side",
        "#count",
        "#capacity kW",
        "#load kW",
        "#worst-case kW",
        "most loaded",
    )
    table = _table("Power", *columns)
    parents = {source.name: source.parent for source in made.metal.sources}
    levels: dict[tuple[int, str, str, float], list[SourcePlan]] = defaultdict(list)
    for source in made.metal.sources:
        depth = _depth(source.name, parents)
        levels[depth, source.kind, source.side, source.capacity_kw].append(source)
    for (_, kind, side, capacity), members in sorted(levels.items()):
        worst = max(members, key=lambda source: source.worst_kw)
        share = f", {worst.worst_kw / capacity:.0%}" if capacity else ""
        table.add_row(
            kind,
            side,
            str(len(members)),
            f"{capacity:,.1f}",
            f"{sum(source.load_kw for source in members):,.1f}",
            f"{worst.worst_kw:,.1f}",
            worst.name + share,
        )
    return table


def _depth(name: str, parents: Mapping[str, str]) -> int:
    """Steps from the root. A ring, which a rule reports, ends after as many as there are."""
    depth = 0
    while parents.get(name) and depth < len(parents):
        name, depth = parents[name], depth + 1
    return depth


def _loops(made: Plan) -> Table:
    columns = ("loop", "fluid", "#racks", "#CDUs", "#heat kW", "#L/min", "#supply °C", "#volume L")
    table = _table("Coolant", *columns)
    loops = made.cooling.loops
    for loop in loops[:FEW]:
        table.add_row(loop.name, loop.fluid, *_loop_sums([loop]), f"{loop.supply_c:g}",
                      f"{loop.volume_l:,.0f}")  # fmt: skip
    if len(loops) > FEW:
        rest = loops[FEW:]
        volume = sum(loop.volume_l for loop in rest)
        table.add_row(f"and {len(rest)} more", "", *_loop_sums(rest), "", f"{volume:,.0f}")
    return table


def _loop_sums(loops: Sequence[LoopPlan]) -> tuple[str, str, str, str]:
    return (
        str(sum(len(loop.racks) for loop in loops)),
        str(sum(len(loop.cdus) for loop in loops)),
        f"{sum(loop.heat_kw for loop in loops):,.1f}",
        f"{sum(loop.flow_lpm for loop in loops):,.1f}",
    )


def _networks(made: Plan) -> Table:
    columns = (
        "network",
        "kind",
        "switch",
        "#tiers",
        "#leaf",
        "#spine",
        "#core",
        "#cables",
        "#Gb/s",
    )
    table = _table("Fabric", *columns, "#metres")
    cables: dict[str, list[float]] = defaultdict(list)
    for cable in made.fabric.cables:
        cables[cable.network].append(cable.length_m)
    for network in made.fabric.networks:
        laid = cables[network.name]
        table.add_row(
            network.name,
            network.kind,
            network.switch_model,
            str(network.tiers),
            str(network.leaves),
            str(network.spines),
            str(network.cores),
            f"{len(laid):,}",
            f"{network.speed_gbps:g}",
            f"{sum(laid):,.0f}" if any(laid) else "",
        )
    return table


def _tiers(made: Plan) -> Table:
    columns = ("tier", "product", "#TB", "#of", "#read GB/s", "#of", "#write GB/s", "#of", "keys")
    table = _table("Storage (required, of available)", *columns)
    for tier in made.storage.tiers:
        table.add_row(
            f"{tier.tier} {tier.name}",
            tier.product,
            f"{tier.capacity_need_tb:,.0f}",
            f"{tier.capacity_tb:,.0f}",
            f"{tier.read_need_gbs:,.1f}",
            f"{tier.read_gbs:,.1f}",
            f"{tier.write_need_gbs:,.1f}",
            f"{tier.write_gbs:,.1f}",
            tier.key_custody,
        )
    return table


def _checkpoints(made: Plan) -> Table:
    columns = (
        "job",
        "#parameters",
        "#GPUs",
        "#checkpoint GB",
        "#write GB/s",
        "#every",
        "#overhead",
    )
    table = _table("Checkpoints", *columns)
    for job in made.storage.checkpoints:
        table.add_row(
            job.name,
            f"{job.parameters / 1e9:,.4g} B",
            f"{job.gpus:,}",
            f"{job.size_gb:,.0f}",
            f"{job.write_gbs:,.1f}",
            f"{job.interval_s / 60:,.0f} min",
            f"{job.overhead:.2%}",
        )
    return table


def _capacity(made: Plan) -> Table:
    columns = ("pool", "#machines", "#of", "#GPUs", "#of", "#slices", "#of", "#projects")
    table = _table("Projects (guaranteed, of available)", *columns)
    for pool in made.cluster.capacity:
        projects = sum(project.pool == pool.pool for project in made.cluster.projects)
        table.add_row(
            pool.pool,
            str(pool.nodes_needed),
            str(pool.nodes),
            str(pool.gpus_needed),
            str(pool.gpus),
            str(pool.slices_needed),
            str(pool.slices),
            str(projects),
        )
    return table


def _cost(made: Plan) -> Table:
    cost = made.cluster.cost
    table = _table("Cost, from the prices of the site", "item", "#per year", "currency")
    if cost is None:
        return table
    parts = {
        "depreciation": cost.capital_year,
        "energy": cost.energy_year,
        "demand charge": cost.demand_year,
        "water": cost.water_year,
        "staff": cost.staff_year,
        "total": cost.year,
    }
    for what, value in parts.items():
        table.add_row(what, f"{value:,.0f}", cost.currency)
    table.add_row("per GPU-hour used", f"{cost.gpu_hour:,.4f}", cost.currency)
    return table


def _runs(made: Plan) -> Table:
    table = _table("Runs", "run", "layer", "machines", "needs")
    for run in made.runs:
        table.add_row(run.name, run.layer, run.on, ", ".join(run.needs))
    return table
