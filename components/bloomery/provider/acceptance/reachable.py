"""Claims of kind ``reachable``: a machine answers ssh with the host key derived for it.

Each machine is asked again, by a login of its own; how its resource ended counts too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bloomery.drivers.ssh.protocol import Login
from bloomery.errors import DeviceError, UnknownState
from bloomery.provider.acceptance.claim import Claim, Measured
from bloomery.provider.context import Context
from bloomery.provider.drivers import SSH
from bloomery.provider.journal import utc_now
from bloomery.provider.phases.standing import stuck_in
from bloomery.records import Observation, Outcome, Verdict
from bloomery.trust.keys import host_key, login_key

PROBE_TIMEOUT = 10.0
"""Seconds for one ssh login."""

RULE = "acceptance.reachable"
LIMIT = "answers ssh with its derived host key"
"""What every machine is held against."""


@dataclass(frozen=True)
class _Host:
    """Inputs of one claim."""

    address: str
    ssh_port: int
    user: str
    system_uuid: str
    key_epoch: int
    standing: str
    """How its resource ended."""


async def measure(context: Context, claims: Sequence[Claim]) -> Measured:
    """One verdict a machine."""
    hosts = [(claim.subject, claim.read(_Host)) for claim in claims]
    found = await asyncio.gather(*(_verdict(context, name, host) for name, host in hosts))
    return Measured(tuple(found))


async def _verdict(context: Context, name: str, host: _Host) -> Verdict:
    stuck = stuck_in(host.standing)
    login = _login(context, host)
    try:
        probe = context.drivers.client(SSH)
        said = await context.drivers.blocking(SSH, lambda: probe(login, PROBE_TIMEOUT))
    except (DeviceError, UnknownState) as error:
        seen = Observation(name, "ssh.reachable", False)
        return Verdict(RULE, name, Outcome.FAIL, stuck or error.reason, LIMIT, seen)
    other = f"answers as {said.node}" if said.node != name else ""
    reason = "; ".join(part for part in (other, stuck) if part)
    seen = Observation(name, "ssh.reachable", True, source_time=utc_now().isoformat())
    return Verdict(RULE, name, Outcome.FAIL if reason else Outcome.PASS, reason, LIMIT, seen)


def _login(context: Context, host: _Host) -> Login:
    return Login(
        address=host.address,
        port=host.ssh_port,
        user=host.user,
        host_key=host_key(context.secret, host.system_uuid, host.key_epoch).public,
        private_key=login_key(context.secret, context.site, host.key_epoch).private,
    )
