"""What changes from one software set to another, and what it takes on a live machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bloomery.plan.model import SoftwarePlan
from bloomery.plan.software.steps import STEPS, UNKNOWN, Effect, place


@dataclass(frozen=True)
class SoftwareChange:
    """One thing that changes."""

    what: str
    """``package``, ``hold``, ``kernel parameter``, ``module``..."""
    name: str
    before: str
    """Empty where it was not there."""
    after: str
    """Empty where it goes."""
    effect: Effect
    held: bool = False
    """Whether a hold is taken off before, and set again behind it."""
    step: str = ""
    """Step of a package, empty of all else."""


EFFECTS: tuple[Effect, ...] = ("none", "restart", "reboot")
"""From the least to the most."""


def changes(old: SoftwarePlan | None, new: SoftwarePlan | None) -> tuple[SoftwareChange, ...]:
    """From ``old`` to ``new``, packages first, in the order of installation; None: no set."""
    return (
        *_packages(old, new),
        *_firmware(old, new),
        *_values("framework", "none", _of(old, "frameworks"), _of(new, "frameworks")),
        *_values("sysctl", "restart", _of(old, "sysctl"), _of(new, "sysctl")),
        *_settings(old, new),
        *_holds(old, new),
    )


def most(found: Iterable[SoftwareChange]) -> Effect:
    """The most that any of the changes takes."""
    return max((it.effect for it in found), key=EFFECTS.index, default="none")


def _packages(old: SoftwarePlan | None, new: SoftwarePlan | None) -> Iterator[SoftwareChange]:
    before = {it.name: it for it in old.packages} if old else {}
    after = {it.name: it for it in new.packages} if new else {}
    every = {**before, **after}
    for name in sorted(every, key=lambda it: place(every[it].step)):
        was, now = before.get(name), after.get(name)
        if (was and was.version) != (now and now.version):
            yield SoftwareChange(
                "package",
                name,
                was.version if was else "",
                now.version if now else "",
                STEPS.get(every[name].step, UNKNOWN).effect,
                held=bool(was and was.hold),
                step=every[name].step,
            )


def _firmware(old: SoftwarePlan | None, new: SoftwarePlan | None) -> Iterator[SoftwareChange]:
    before, after = _of(old, "firmware"), _of(new, "firmware")
    for change in _values("firmware", "reboot", before, after):
        if change.after:  # firmware that is no longer named stays as it is
            yield change


def _of(one: SoftwarePlan | None, field: str) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(one, field) if one else {}
    return found


def _values(
    what: str, effect: Effect, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[SoftwareChange]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            yield SoftwareChange(what, name, was, now, effect)


def _settings(old: SoftwarePlan | None, new: SoftwarePlan | None) -> Iterator[SoftwareChange]:
    """What has no version: it is there or not."""
    was, now = _lists(old), _lists(new)
    for (what, effect), before in was.items():
        after = now[what, effect]
        yield from (SoftwareChange(what, it, it, "", effect) for it in before if it not in after)
        yield from (SoftwareChange(what, it, "", it, effect) for it in after if it not in before)


def _holds(old: SoftwarePlan | None, new: SoftwarePlan | None) -> Iterator[SoftwareChange]:
    """Of packages that stay: those that come or go say it themselves."""
    before = {it.name: it.hold for it in old.packages} if old else {}
    for package in new.packages if new else ():
        was = before.get(package.name, package.hold)
        if was != package.hold:
            moved = ("", package.name) if package.hold else (package.name, "")
            yield SoftwareChange("hold", package.name, *moved, "none")


def _lists(one: SoftwarePlan | None) -> Mapping[tuple[str, Effect], Sequence[str]]:
    of = one.accelerator if one else None
    return {
        ("kernel parameter", "reboot"): one.parameters if one else (),
        ("access control services", "reboot"): (one.acs,) if one and one.acs else (),
        ("kernel module", "reboot"): one.modules if one else (),
        ("blacklisted module", "reboot"): one.blacklist if one else (),
        ("module option", "reboot"): of.options if of else (),
        ("kind of kernel modules", "reboot"): (of.modules,) if of and of.modules else (),
        ("service", "restart"): [f"{it.name} {it.state}" for it in one.services] if one else (),
        ("locked memory", "restart"): (one.memlock,) if one and one.memlock else (),
        ("repository", "none"): _repositories(one),
    }


def _repositories(one: SoftwarePlan | None) -> Sequence[str]:
    if one is None:
        return ()
    return [" without ".join((it.key, ", ".join(it.exclude))) if it.exclude else it.key
            for it in one.repositories]  # fmt: skip
