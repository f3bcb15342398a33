"""``bloomery:metal:Node``: one machine, from powered off to reachable.

A node stuck in a known phase *succeeds* with phase, reason and next step as outputs,
because the engine stops starting work after a failed resource; ``diff`` then reports
an update until it is ready, and Acceptance fails the update in the end.
"""

from __future__ import annotations

import asyncio

from bloomery.errors import BloomeryError, IdentityError, PhaseTimeout
from bloomery.plan.model import NodePlan
from bloomery.plan.wire import from_wire
from bloomery.provider.bmc import BmcLink, BmcLinks
from bloomery.provider.context import Context
from bloomery.provider.handler import Change, Checked, Found
from bloomery.provider.lock import subject_lock
from bloomery.provider.phases.node.bringup import LAST, bring_up
from bloomery.provider.phases.node.identify import compare, settled_power, survey
from bloomery.provider.phases.node.limits import LIMITS
from bloomery.provider.phases.node.power import switch_off
from bloomery.provider.phases.node.work import NodeSetting, NodeWork, install_id
from bloomery.provider.phases.runner import HARD
from bloomery.provider.phases.standing import Standing, softly
from bloomery.provider.values import UNKNOWN, Props, Value, known, settled

OUTPUTS = ("phase", "ready", "reason", "nextStep", "standing", "power", "installId")
"""What a node adds to its echoed inputs."""

RELEASES = ("release", "power-off")
"""What ``destroy`` may do with a machine; wiping one needs a proof of erasure first."""


class NodeHandler:
    """Brings machines up, looks at them, releases them."""

    secrets: tuple[str, ...] = ()

    def __init__(self, context: Context, links: BmcLinks) -> None:
        self._context = context
        self._links = links

    def check(self, news: Props) -> Checked:
        """All fields there and of their type; generation and epoch count from 1."""
        if not known(news):
            return Checked(news)
        try:
            node, setting = _parse(news)
        except ValueError as error:
            return Checked(news, {"node": str(error)})
        failures: dict[str, str] = {}
        if node.install_generation < 1:
            failures["installGeneration"] = "counts from 1"
        if node.key_epoch < 1:
            failures["keyEpoch"] = "counts from 1"
        if setting.on_delete not in RELEASES:
            failures["onDelete"] = f"{setting.on_delete!r} is not one of {', '.join(RELEASES)}"
        return Checked(news, failures)

    def diff(self, olds: Props, news: Props) -> Change:
        """Inputs that differ from what was found; never a replacement."""
        if olds.get("identity") != news.get("identity"):
            raise IdentityError(
                "another machine is in its place",
                subject=str(news.get("name")),
                next_step=f"bloomery replace {news.get('name')}",
            )
        changed = [key for key in news if news[key] != olds.get(key)]
        if olds.get("ready") is not True:
            changed.append("ready")
        if not olds.get("standing"):  # of the last release, which did not keep it
            changed.append("standing")
        return Change(tuple(changed))

    def expect(self, olds: Props, news: Props) -> Props:
        """Inputs and install id are known before; how it ends is not."""
        made: Props = {**news, **dict.fromkeys(OUTPUTS, UNKNOWN)}
        if known(news):
            made["installId"] = install_id(_parse(news)[0])
        return made

    async def create(self, urn: str, news: Props) -> tuple[str, Props]:
        """Bring it up, or adopt it where it answers already."""
        node, setting = _parse(news)
        made = await self._bring_up(urn, node, setting, news)
        return node.identity.system_uuid, made

    async def update(self, urn: str, resource_id: str, olds: Props, news: Props) -> Props:
        """Go on from where it stands."""
        node, setting = _parse(news)
        return await self._bring_up(urn, node, setting, news)

    async def _bring_up(self, urn: str, node: NodePlan, setting: NodeSetting, news: Props) -> Props:
        state = self._context.state
        async with subject_lock(state.locks, node.name), self._links.link(node) as link:
            work = self._work(urn, node, setting, link)
            standing = await softly(bring_up(work), LAST)
            if standing.ready:
                await self._context.log.info(urn, f"{node.name} is reachable")
            return _outputs(news, work, standing)

    def _work(self, urn: str, node: NodePlan, setting: NodeSetting, link: BmcLink) -> NodeWork:
        return NodeWork(
            context=self._context,
            urn=urn,
            subject=node.name,
            node=node,
            setting=setting,
            link=link,
        )

    async def read(self, urn: str, resource_id: str, inputs: Props, props_: Props) -> Found:
        """Log in and look: identity, BIOS, power, ssh. By identity alone it is an import."""
        if not inputs and not props_:
            # Needs the planner, which no other call does.
            from bloomery.provider.ordered import node_of_site

            inputs = node_of_site(self._context.site, resource_id)
        stored = {**inputs, **{key: value for key, value in props_.items() if key not in OUTPUTS}}
        node, setting = _parse(stored)
        async with self._links.link(node) as link:
            work = self._work(urn, node, setting, link)
            standing, found = await self._look(work)
            seen = _outputs({**stored, **found}, work, standing, props_.get("standing"))
        return Found(node.identity.system_uuid, inputs, seen)

    async def _look(self, work: NodeWork) -> tuple[Standing, Props]:
        """How it stands, and what was found of its inputs."""
        try:
            async with asyncio.timeout(LIMITS["identify"] * self._context.patience):
                await work.link.login()
                facts = await work.facts()
                compare(work, facts)
                facts = await settled_power(work, facts)
                await survey(work, facts)
        except HARD:
            raise
        except TimeoutError:
            reason = work.link.trouble or work.reason or "no answer"
            return Standing("identify", reason, work.next_step or "check the BMC"), {}
        except BloomeryError as error:
            return Standing("identify", error.reason, error.next_step), {}
        bios: dict[str, Value] = {key: facts.bios.get(key, "") for key in work.node.bios}
        found: Props = {"bios": bios}
        if facts.power != "On":
            return Standing("boot", f"found powered {facts.power}", "pulumi up"), found
        if work.alive is None:
            return Standing(LAST, "found without ssh answer", "pulumi up"), found
        found["installGeneration"] = float(work.alive.generation)
        said = work.alive.node
        other = f"the host says it is {said}" if said != work.node.name else ""
        return Standing(LAST, other, "pulumi up" if other else ""), found

    async def delete(self, urn: str, resource_id: str, props_: Props) -> None:
        """Release it: leave it running and forget it, unless the site says power-off."""
        node, setting = _parse(props_)
        async with subject_lock(self._context.state.locks, node.name):
            if setting.on_delete == "power-off":
                async with self._links.link(node) as link:
                    work = self._work(urn, node, setting, link)
                    work.phase = "release"
                    await _power_off(work)
            self._context.journal(node.name).write("release", "done", reason=setting.on_delete)


async def _power_off(work: NodeWork) -> None:
    limit = LIMITS["media"] * work.context.patience
    try:
        async with asyncio.timeout(limit):
            await work.link.login()
            compare(work, await work.facts())
            await switch_off(work)
    except TimeoutError:
        reason = f"{work.reason or 'no answer'} for {limit:.0f} s"
        raise PhaseTimeout(
            reason, subject=work.node.name, next_step=work.next_step or "check the BMC"
        ) from None


def _parse(news: Props) -> tuple[NodePlan, NodeSetting]:
    wire = settled(news)
    return from_wire(NodePlan, wire), from_wire(NodeSetting, wire)


def _outputs(news: Props, work: NodeWork, standing: Standing, before: Value = None) -> Props:
    return {
        **news,
        **standing.outputs(before),
        "power": work.power,
        "installId": work.install_id,
    }
