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
from bloomery.provider.bmc import BmcLinks
from bloomery.provider.context import Context
from bloomery.provider.handler import Change, Checked, Found
from bloomery.provider.lock import machine_lock
from bloomery.provider.phases.bringup import HARD, bring_up
from bloomery.provider.phases.identify import compare, settled_power, survey
from bloomery.provider.phases.limits import LIMITS
from bloomery.provider.phases.power import switch_off
from bloomery.provider.phases.work import NodeSetting, Stuck, Work, install_id
from bloomery.provider.values import UNKNOWN, Props, Value, known, settled

OUTPUTS = ("phase", "ready", "reason", "nextStep", "power", "installId")
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
                "another machine stands in its place",
                subject=str(news.get("name")),
                next_step=f"bloomery replace {news.get('name')}",
            )
        changed = [key for key in news if news[key] != olds.get(key)]
        if olds.get("ready") is not True:
            changed.append("ready")
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
        async with machine_lock(state.locks, node.name), self._links.link(node) as link:
            work = Work(self._context, urn, node, setting, link)
            try:
                await bring_up(work)
            except Stuck as stuck:
                return _outputs(news, work, stuck.phase, stuck.reason, stuck.next_step)
            await self._context.log.info(urn, f"{node.name} is reachable")
            return _outputs(news, work, "reachable")

    async def read(self, urn: str, resource_id: str, inputs: Props, props_: Props) -> Found:
        """Log in and look: identity, BIOS, power, ssh. By identity alone it is an import."""
        if not inputs and not props_:
            # Needs the planner, which no other call does.
            from bloomery.provider.ordered import node_of_site

            inputs = node_of_site(self._context.site, resource_id)
        stored = {**inputs, **{key: value for key, value in props_.items() if key not in OUTPUTS}}
        node, setting = _parse(stored)
        async with self._links.link(node) as link:
            work = Work(self._context, urn, node, setting, link)
            seen = await self._look(work, stored)
        return Found(node.identity.system_uuid, inputs, seen)

    async def _look(self, work: Work, stored: Props) -> Props:
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
            return _outputs(stored, work, "identify", reason, work.next_step or "look at the BMC")
        except BloomeryError as error:
            return _outputs(stored, work, "identify", error.reason, error.next_step)
        bios: dict[str, Value] = {key: facts.bios.get(key, "") for key in work.node.bios}
        found: Props = {**stored, "bios": bios}
        if facts.power != "On":
            return _outputs(found, work, "boot", f"found powered {facts.power}", "pulumi up")
        if work.alive is None:
            return _outputs(found, work, "reachable", "found not answering on ssh", "pulumi up")
        found["installGeneration"] = float(work.alive.generation)
        said = work.alive.node
        other = f"the host says it is {said}" if said != work.node.name else ""
        return _outputs(found, work, "reachable", other, "pulumi up" if other else "")

    async def delete(self, urn: str, resource_id: str, props_: Props) -> None:
        """Release it: leave it running and forget it, unless the site says power-off."""
        node, setting = _parse(props_)
        async with machine_lock(self._context.state.locks, node.name):
            if setting.on_delete == "power-off":
                async with self._links.link(node) as link:
                    await _power_off(Work(self._context, urn, node, setting, link, phase="release"))
            self._context.journal(node.name).write("release", "done", reason=setting.on_delete)


async def _power_off(work: Work) -> None:
    limit = LIMITS["media"] * work.context.patience
    try:
        async with asyncio.timeout(limit):
            await work.link.login()
            compare(work, await work.facts())
            await switch_off(work)
    except TimeoutError:
        reason = f"{work.reason or 'no answer'} for {limit:.0f} s"
        raise PhaseTimeout(
            reason, subject=work.node.name, next_step=work.next_step or "look at the BMC"
        ) from None


def _parse(news: Props) -> tuple[NodePlan, NodeSetting]:
    wire = settled(news)
    return from_wire(NodePlan, wire), from_wire(NodeSetting, wire)


def _outputs(news: Props, work: Work, phase: str, reason: str = "", next_step: str = "") -> Props:
    ready = phase == "reachable" and not reason
    return {
        **news,
        "phase": phase,
        "ready": ready,
        "reason": reason,
        "nextStep": next_step,
        "power": work.power,
        "installId": work.install_id,
    }
