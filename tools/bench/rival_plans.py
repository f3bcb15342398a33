"""48 switches by us, by ``netlab create`` and by pyavd: whole commands, and without imports."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import rivals, same_fabric
from bench.process import Spent, spent
from bench.rounds import Say
from bench.row import BenchError, Figure, Row, Target, unmeasured

MEANING = (
    "32 leaves x 16 spines, 512 links, eBGP: every interface, address, autonomous system and BGP "
    "neighbour of every switch, from files to JSON; theirs: `netlab create -o json`, which leaves "
    "its device templates and provider files out, and pyavd's validation, facts and structured "
    "configuration, which leaves its text out. Ours also chooses cables, racks and labels, judges "
    "every rule, and holds one machine more. All sides are counted: 1,024 ends, 1,024 neighbours"
)

SIZE = "48 switches"

NETLAB = Target(1 / 50)
PYAVD = Target(1 / 10)
"""At least 50 and 10 times as fast, on the same fabric."""

HERE = Path(__file__).parent

Count = tuple[int, int, int]
"""Devices, ends of links, BGP neighbours."""

WANTED: Count = (
    same_fabric.LEAVES + same_fabric.SPINES,
    2 * same_fabric.LINKS,
    2 * same_fabric.LINKS,
)


@dataclass(frozen=True)
class Side:
    """One planner: its command, the same without imports, and what it wrote."""

    whole: list[str | Path]
    inner: list[str | Path]
    written: Path
    count: Callable[[Mapping[str, dict[str, object]]], Count]


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """Two rows a rival: whole commands, then what is left without imports."""
    targets = {"netlab": NETLAB, "pyavd": PYAVD}
    try:
        programmes = rivals.environment(say)
    except BenchError as error:
        for name in targets:
            yield unmeasured(f"against {name}", SIZE, str(error))
        return
    packages = {"netlab": "networklab", "pyavd": "pyavd"}
    with tempfile.TemporaryDirectory(prefix="bloomery-bench-") as folder:
        sides = _sides(Path(folder), programmes)
        for name, target in targets.items():
            named = f"{packages[name]} {rivals.version(programmes, packages[name])}"
            pair = (sides[f"ours for {name}"], sides[name])
            for row in (partial(_whole, target=target), partial(_inner, target=target)):
                yield row(name, named, *pair, 2 if quick else 5, Path(folder), say)


def _sides(folder: Path, programmes: Path) -> dict[str, Side]:
    site = same_fabric.write_ours(folder / "ours")
    same_fabric.write_netlab(folder / "topology.yml")
    same_fabric.write_avd(folder / "avd.json")
    made = {name: folder / f"{name}-made.json" for name in ("ours", "netlab", "pyavd")}
    python = programmes / "python"
    mine: list[str | Path] = [sys.executable, HERE / "device_models.py", site, made["ours"]]
    create: list[str | Path] = ["create", folder / "topology.yml", "--quiet"]
    create += ["-o", f"json={made['netlab']}"]
    avd: list[str | Path] = [python, HERE / "avd_side.py", folder / "avd.json", made["pyavd"]]
    command: list[str | Path] = [Path(sys.executable).with_name("bloomery"), "plan", site, "--json"]
    ours = [*mine, "--inner"]
    return {
        # A command against a command, a library against a library.
        "ours for netlab": Side(command, ours, made["ours"], _our_count),
        "ours for pyavd": Side(mine, ours, made["ours"], _our_count),
        "netlab": Side(
            [programmes / "netlab", *create],
            [python, HERE / "netlab_side.py", *create],
            made["netlab"],
            _netlab_count,
        ),
        "pyavd": Side(avd, [*avd, "--inner"], made["pyavd"], _avd_count),
    }


def _whole(
    name: str,
    named: str,
    ours: Side,
    theirs: Side,
    rounds: int,
    folder: Path,
    say: Say,
    *,
    target: Target,
) -> Row:
    """Whole processes in turn. Both sides must have made the same fabric first."""
    for side in (ours, theirs):
        _inner_seconds(side, folder)
        _agree(side)
    one: list[Spent] = []
    other: list[Spent] = []
    for _ in range(rounds):
        one.append(spent(ours.whole, cwd=folder))
        other.append(spent(theirs.whole, cwd=folder))
        say(f"{name}: ours {one[-1].wall_s:.3g} s, theirs {other[-1].wall_s:.3g} s")
    cpu = [min(it.cpu_s for it in side) for side in (one, other)]
    return Row(
        f"{name}, whole command",
        SIZE,
        Figure(tuple(it.wall_s for it in one), "s"),
        Figure(tuple(it.wall_s for it in other), "s"),
        target,
        note=f"{named}; CPU time {cpu[0]:.3g} s against {cpu[1]:.3g} s, {cpu[1] / cpu[0]:.1f} "
        "times as fast; most of ours is imports",
        extra={"cpu_s": {"ours": [it.cpu_s for it in one], "theirs": [it.cpu_s for it in other]}},
    )


def _inner(
    name: str,
    named: str,
    ours: Side,
    theirs: Side,
    rounds: int,
    folder: Path,
    say: Say,
    *,
    target: Target,
) -> Row:
    """What is left without starting Python and importing, each round in a process of its own."""
    one, other = [], []
    for _ in range(rounds):
        one.append(_inner_seconds(ours, folder))
        other.append(_inner_seconds(theirs, folder))
        say(f"{name}, inner: ours {one[-1]:.3g} s, theirs {other[-1]:.3g} s")
    faster = min(other) / min(one)
    return Row(
        f"{name}, no imports",
        SIZE,
        Figure(tuple(one), "s"),
        Figure(tuple(other), "s"),
        target,
        note=f"{named}; {faster:.0f} times as fast, fastest round of each",
    )


def _inner_seconds(side: Side, folder: Path) -> float:
    """Seconds that one side says it took, read from its last line."""
    done = subprocess.run(
        [str(word) for word in side.inner], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"{side.written.name}: {(done.stderr or done.stdout).strip()[-300:]}")
    return float(done.stdout.strip().splitlines()[-1])


def _agree(side: Side) -> None:
    found = side.count(json.loads(side.written.read_text(encoding="utf-8")))
    if found != WANTED:
        raise BenchError(f"{side.written.name} has {found} devices, ends, neighbours: not {WANTED}")


def _our_count(made: Mapping[str, dict[str, object]]) -> Count:
    """Without the port of the one machine."""
    ends = sum(len(_of(it, "interfaces")) for it in made.values())
    return len(made), ends - 1, sum(len(_of(it, "neighbours")) for it in made.values())


def _netlab_count(made: Mapping[str, dict[str, object]]) -> Count:
    nodes = [it for it in made["nodes"].values() if isinstance(it, dict)]
    ends = [one for it in nodes for one in it["interfaces"] if one.get("ipv4")]
    return len(nodes), len(ends), sum(len(it["bgp"]["neighbors"]) for it in nodes)


def _avd_count(made: Mapping[str, dict[str, object]]) -> Count:
    ends = sum(len(_of(it, "ethernet_interfaces")) for it in made.values())
    neighbours = (_of(it, "router_bgp") for it in made.values())
    return len(made), ends, sum(len(it["neighbors"]) for it in neighbours if isinstance(it, dict))


def _of(model: Mapping[str, object], key: str) -> list[object] | dict[str, list[object]]:
    found = model[key]
    if not isinstance(found, list | dict):
        raise BenchError(f"{key} is {type(found).__name__}")
    return found
