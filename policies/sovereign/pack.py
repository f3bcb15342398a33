"""The sovereign pack: which rules it has, and that they fail closed.

A rule lives in a folder of its own. ``sheet.yaml`` says what must hold and which controls
that answers to; ``rule.py`` exports ``JUDGES``, resource type -> function that reports what
does not hold; its cases stand in ``cases.yaml``. What must not live here: a rule, or
anything that starts a server when it is imported.

The SDK turns a mandatory policy into a mere warning when it meets a value that is unknown
at preview. For a sovereign site that is the wrong way round: what cannot be told before
metal moves is refused, and so is an input that is missing or cannot be read. Each rule is
wrapped for that, and each finding gets its controls and remedy, which the engine would
not print.
"""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable, Mapping, Sequence

from by_type import TypedPolicy, other_type
from exceptions import Waiver, read_waivers
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    Severity,
)
from pulumi_policy.proxy import UnknownValueError
from sheet import Sheet, read_sheets

NAME = "sovereign"
"""Name of the pack in findings and records."""

IN_FORCE = "exceptions-in-force"
"""Advisory policy that shows what exceptions hide."""

SITE_TYPE = "bloomery:site:Site"
"""Resource on which an expired exception is reported: every stack has one."""

Report = Callable[[str], None]
"""Tells one thing that does not hold."""

Judge = Callable[[ResourceValidationArgs, Report], None]
"""Judges one resource."""

SHEETS: tuple[Sheet, ...] = read_sheets()
"""Every row of the table, automated or not."""

RULES: Mapping[str, Mapping[str, Judge]] = {
    sheet.rule: importlib.import_module(f"{sheet.folder}.rule").JUDGES
    for sheet in SHEETS
    if sheet.status == "automated"
}
"""Automated rule -> resource type -> judge."""


def findings(judge: Judge, args: ResourceValidationArgs) -> list[str]:
    """What ``judge`` does not accept. What it cannot tell is among it."""
    said: list[str] = []
    try:
        judge(args, said.append)
    except UnknownValueError as unknown:
        where = ".".join(str(part) for part in unknown.props)
        said.append(f"{where} is not known before the change; pass it as a plain value")
    except KeyError as missing:
        said.append(f"{missing.args[0]} is missing, so the rule cannot be evaluated")
    except (TypeError, ValueError, AttributeError) as fault:
        said.append(f"an input cannot be read: {fault}")
    return said


def footnote(sheet: Sheet) -> str:
    """Controls and remedy as they follow each finding."""
    return f"\ncontrols: {'; '.join(map(str, sheet.controls))}\nremedy: {sheet.remedy}"


def _rule(sheet: Sheet, waivers: Sequence[Waiver], today: datetime.date) -> Policy:
    judges, note = RULES[sheet.rule], footnote(sheet)
    mine = [waiver for waiver in waivers if waiver.rule == sheet.rule]

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        judge = judges.get(args.resource_type)
        for waiver in mine if args.resource_type == SITE_TYPE else ():
            if waiver.site == _stack(args.urn) and waiver.expired(today):
                report(f"{_until(waiver, 'expired on')}; renew or remove it{note}", None)
        if judge is None:
            args.not_applicable(other_type(args.resource_type))
            return
        if not _covering(mine, sheet.rule, args.urn, today):
            for finding in findings(judge, args):
                report(finding + note, None)

    first = sheet.controls[0]
    return TypedPolicy(
        types={*judges, *((SITE_TYPE,) if mine else ())},
        name=sheet.rule,
        description=sheet.holds,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=Severity(sheet.severity),
        framework=PolicyComplianceFramework(first.framework, first.edition, first.id),
        tags=[f"{one.framework}/{one.edition}/{one.id}" for one in sheet.controls],
        remediation_steps=sheet.remedy,
    )


def _in_force(waivers: Sequence[Waiver], today: datetime.date) -> Policy:
    types = {kind for judges in RULES.values() for kind in judges}

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type not in types:
            args.not_applicable(other_type(args.resource_type))
        for sheet in SHEETS:
            judge = RULES.get(sheet.rule, {}).get(args.resource_type)
            covering = _covering(waivers, sheet.rule, args.urn, today)
            for finding in findings(judge, args) if judge and covering else ():
                report(f"{sheet.rule}: {finding}; {_until(covering[0], 'valid until')}", None)

    return TypedPolicy(
        types=types,
        name=IN_FORCE,
        description="Exceptions in force, with owner and end date.",
        validate=validate,
        enforcement_level=EnforcementLevel.ADVISORY,
    )


def _covering(waivers: Sequence[Waiver], rule: str, urn: str, today: datetime.date) -> list[Waiver]:
    return [one for one in waivers if not one.expired(today) and one.covers(rule, urn)]


def _until(waiver: Waiver, verb: str) -> str:
    reason = f"{waiver.owner}: {waiver.reason}"
    return f"exception {waiver.file} {verb} {waiver.ends} ({reason})"


def _stack(urn: str) -> str:
    return urn.removeprefix("urn:pulumi:").partition("::")[0]


def policies(
    waivers: Sequence[Waiver] | None = None, today: datetime.date | None = None
) -> list[Policy]:
    """The rules as the engine runs them. Raises PackError for a wrong sheet or exception."""
    given = read_waivers(RULES) if waivers is None else waivers
    day = today or datetime.datetime.now(datetime.UTC).date()
    rules = [_rule(sheet, given, day) for sheet in SHEETS if sheet.rule in RULES]
    # Nothing to show costs nothing: the pack of a site without exceptions has rules only.
    return [*rules, _in_force(given, day)] if given else rules


def score() -> str:
    """How much of the table is automated, in one line."""
    rows = {sheet.row: sheet.status for sheet in SHEETS}
    counts = dict.fromkeys(("automated", "facts", "probe", "manual"), 0)
    for status in rows.values():
        counts[status] += 1
    share = 100 * counts["automated"] / len(rows)
    return (
        f"{counts['automated']} of {len(rows)} controls of the table are evaluated at preview "
        f"({share:.0f} %), from inputs only; of the rest {counts['facts']} need facts from "
        f"machines, {counts['probe']} a probe, {counts['manual']} a manual review"
    )
