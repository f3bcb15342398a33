"""Hundreds of machines of all personalities at once: delays as on metal, and some of them faulty.

One `pulumi up` of one stack over the lab's BMCs. With delays (scaled) and faults it is held against
the critical path of ``critical_path``, and every outcome against ``sick_machines``; without either
it is held against the clock. The machines are ghosts: no operating system, all of a BMC.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from bench.critical_path import Way, least, metal, scaled, shortest, way_of
from bench.engine import Project, our_project
from bench.ground import Ground, ground, lab_up
from bench.mixed_site import Run, groups, outcomes, personalities, up
from bench.rounds import Say
from bench.row import BenchError, Figure, Row, Target
from bench.sick_machines import choose, judge
from bench.sickening import fall_ill, power_cuts
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.lab.delays import Delays
from bloomery.provider.journal import Journal
from bloomery.provider.phases.node.limits import INSTALLS, LIMITS
from bloomery.provider.phases.node.medium import INTENT

MEANING = (
    "`pulumi up` from powered off to reachable of N emulated BMCs of all personalities in one "
    "stack; theirs: the critical path that delays and budgets allow"
)

SCALE = 0.05
"""Of the delays on metal, and of all time limits: an installation of minutes takes seconds, and is
still far longer than a look at a BMC."""

SEED = 512
"""Chooses delays and faulty machines."""

FULL, QUICK = 512, 32
"""Machines; order 4, section 4 names the first."""

PATH = Target(1.15)
OUTCOMES = Target(0, of="ours")
RATE = Target(60 / 300, of="ours")
"""At least 300 machines a minute, as seconds of each."""
STACK = Target(1000, of="ours")
"""Resources of one stack; design, section 5."""

AT_ONCE = (16, 32, 64, 128)
"""Resources the engine is let to work on at once, where the knee is looked for."""

PARTS = ("engine", "programme", "provider", "lab")
"""Whose memory grows with the machines."""

KNEE, QUICK_KNEE = 128, 16
"""Machines there; as many as the largest of these, so that it is not cut short."""


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """The run with delays and faults, then without, then the knee."""
    count = QUICK if quick else FULL
    yield from _with_delays(count, say)
    yield from _without_delays(count, say)
    yield from _knee(QUICK_KNEE if quick else KNEE, AT_ONCE[:1] if quick else AT_ONCE, say)


def _with_delays(count: int, say: Say) -> Iterator[Row]:
    size = f"{count} machines"
    with ground(f"benchmany{count}", groups(count)) as site:
        machines = personalities(site)
        delays = {name: metal(SEED, name) for name in machines}
        sick = choose(machines, SEED)
        fast = {name: scaled(each, SCALE) for name, each in delays.items()}
        lab_up(site, SCALE, fast)
        project = our_project(site, SCALE)
        fall_ill(site, sick)
        say(f"{size} are there, {len(sick)} of them faulty")
        with power_cuts(site, [name for name, kind in sick.items() if kind.power_lost]):
            run = up(site, project)
        found = outcomes(project.state_file)
        if not found:
            raise BenchError(f"no machine was begun: {run.ended.said[-600:]}")
        wrong = judge(list(machines), sick, found, run.ended.said)
        for line in wrong[:10]:
            say(line)
        ways = {
            name: way_of(delays[name], PERSONALITIES[how], sick.get(name), LIMITS).times(SCALE)
            for name, how in machines.items()
        }
        asked = _in_order(site, ways)
        path = shortest([ways[name] for name in asked], INSTALLS)
        say(f"{size}: {run.wall_s:.0f} s, critical path {path:.0f} s; CPU {run.cpu(count)}")
        told = f"delays of metal times {SCALE}, {INSTALLS} installations at once"
        yield Row(
            "wall time",
            size,
            Figure((run.wall_s,), "s"),
            Figure((path,), "s"),
            PATH,
            f"{told}; no order beats {least(list(ways.values()), INSTALLS):.0f} s",
            {"cpu_s_per_machine": run.cpu(count), "faults": {n: k.name for n, k in sick.items()}},
        )
        names = sorted({kind.name for kind in sick.values()})
        yield Row(
            "outcomes told wrong",
            size,
            Figure((float(len(wrong)),), ""),
            target=OUTCOMES,
            note="; ".join(wrong[:5]) or f"{len(sick)} faulty machines: {', '.join(names)}",
            extra={"wrong": wrong},
        )
        yield from _sizes(run, project, count)


def _without_delays(count: int, say: Say) -> Iterator[Row]:
    size = f"{count} machines"
    with ground(f"benchfast{count}", groups(count)) as site:
        run = _fast(site, say)
        each = run.wall_s / count
        yield Row(
            "a machine, no delays",
            size,
            Figure((each,), "s"),
            target=RATE,
            note=f"{60 / each:.0f} machines a minute; CPU seconds of each: {_told(run.cpu(count))}",
            extra={"cpu_s_per_machine": run.cpu(count)},
        )


def _knee(count: int, at_once: Sequence[int], say: Say) -> Iterator[Row]:
    for limit in at_once:
        with ground(f"benchknee{limit}", groups(count)) as site:
            site.env["PULUMI_PARALLEL"] = str(limit)
            run = _fast(site, say)
            each = run.wall_s / count
            yield Row(
                f"  {limit} at once",
                f"{count} machines",
                Figure((each,), "s"),
                note=f"{60 / each:.0f} a minute; CPU seconds of each: {_told(run.cpu(count))}",
                extra={"cpu_s_per_machine": run.cpu(count)},
            )


def _fast(site: Ground, say: Say) -> Run:
    """Bring up a site whose machines take no time; BenchError where one is not ready."""
    machines = personalities(site)
    lab_up(site, 0.0, dict.fromkeys(machines, Delays(0.0, 0.0, 0.0)))
    project = our_project(site)
    run = up(site, project)
    found = outcomes(project.state_file)
    wrong = judge(list(machines), {}, found, run.ended.said)
    if wrong or run.ended.code:
        raise BenchError(f"{'; '.join(wrong[:3]) or run.ended.said[-300:]}")
    say(f"{len(machines)} machines in {run.wall_s:.1f} s; CPU {run.cpu(len(machines))}")
    return run


def _told(cpu: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in cpu.items())


def _sizes(run: Run, project: Project, count: int) -> Iterator[Row]:
    size = f"{count} machines"
    for part, used in run.used.items():
        if part not in PARTS:
            continue
        each = used.peak_b / count
        yield Row(
            f"  memory: {part}", size, Figure((each,), "B"), note=f"{used.peak_b / 1e6:.0f} MB"
        )
    state = project.state_file.stat().st_size
    yield Row("  state", size, Figure((state / count,), "B"))
    resources = json.loads(project.state_file.read_text(encoding="utf-8"))
    held = len(resources["checkpoint"]["latest"]["resources"])
    yield Row("resources of the stack", size, Figure((float(held),), ""), target=STACK)


def _in_order(site: Ground, ways: Mapping[str, Way]) -> list[str]:
    """Machines as they began to install themselves by their journals; the others first."""

    def begun(name: str) -> str:
        entry = Journal(site.state.journal, name).newest(INTENT)
        return entry.t if entry else ""

    return sorted(ways, key=begun)
