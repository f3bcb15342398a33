"""The shortest way up for a lab machine: bare Redfish calls, no provider, no engine.

What any bring-up must do here, and nothing else: media in, on, wait for the installation
to end, media out, on, wait for ssh under the host key that was known beforehand.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from bench.ground import Ground
from bench.row import BenchError
from bloomery.drivers.ssh.client import probe
from bloomery.drivers.ssh.protocol import Login
from bloomery.errors import BloomeryError
from bloomery.plan.model import NodePlan
from bloomery.provider.journal import Journal
from bloomery.provider.media.images import Images
from bloomery.provider.media.reading import Reading
from bloomery.provider.media.server import MediumServer, Place
from bloomery.provider.media.template import Template
from bloomery.provider.media.templates import Templates
from bloomery.provider.seed import seed_files
from bloomery.statedir import cache_root
from bloomery.trust.factory import factory_login
from bloomery.trust.keys import host_key, login_key
from bloomery.trust.secret import SiteSecret, open_secret

LIMIT = 120.0
"""Seconds a machine may take to install, and to boot; eight guests need a tenth of it."""

LOOK = 0.05
"""Seconds between two looks: far below what is measured."""


@dataclass(frozen=True)
class BringUp:
    """How long all machines of a site took together."""

    install: float
    """Seconds from media in to the last machine off again."""
    boot: float
    """Seconds from the first power-on to the last answer on ssh."""


def bring_up(ground: Ground) -> BringUp:
    """Install and boot all machines of the ground's lab at once. BenchError when one does not."""
    return asyncio.run(_bring_up(ground))


async def _bring_up(ground: Ground) -> BringUp:
    secret = open_secret(ground.state.secret)
    seeds = MediumServer(secret, ground.name, ground.state.ca)
    folder = cache_root(ground.env) / "media"
    template = await Templates(folder, Images(folder, ground.state.ca)).seed()
    machines = [_Machine(ground, secret, node) for node in ground.plan.metal.nodes]
    begun = time.perf_counter()
    await asyncio.gather(*(machine.install(seeds, template) for machine in machines))
    between = time.perf_counter()
    await asyncio.gather(*(machine.boot() for machine in machines))
    ended = time.perf_counter()
    await asyncio.gather(*(machine.off() for machine in machines))
    return BringUp(between - begun, ended - between)


class _Machine:
    """One machine and its BMC; TLS is verified by the site CA."""

    def __init__(self, ground: Ground, secret: SiteSecret, node: NodePlan) -> None:
        self._site = ground.name
        self._controller = ground.plan.site.controller_oob
        self._secret = secret
        self._node = node
        self._journal = Journal(ground.state.journal, node.name)
        self._base = f"https://{node.bmc.address}/redfish/v1"
        self._http = requests.Session()
        self._http.trust_env = False  # REQUESTS_CA_BUNDLE would win over verify
        self._http.auth = factory_login(
            secret, ground.name, ground.state.factory, node.identity.chassis_serial
        )
        self._http.verify = str(ground.state.ca)

    async def install(self, seeds: MediumServer, template: Template) -> None:
        medium = template.filled(seed_files(self._secret, self._site, self._node))
        reading = Reading(medium, self._journal, generation=1, attempt=1)
        reader = self._node.bmc.address.partition(":")[0]
        path = f"/{secrets.token_urlsafe()}/seed.iso"
        url = await seeds.offer(Place(self._controller, reader, path), reading)
        await asyncio.to_thread(self._insert, url)
        await self._reset("On")
        await self._until(self._is_off, "installed")
        await asyncio.to_thread(self._eject)

    async def boot(self) -> None:
        login = self._login()
        await self._reset("On")
        await self._until(lambda: _answers(login), "reachable")

    async def off(self) -> None:
        await self._reset("ForceOff")
        await self._until(self._is_off, "off")

    async def _until(self, done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + LIMIT
        while not await asyncio.to_thread(done):
            if time.monotonic() > end:
                raise BenchError(f"{self._node.name} was not {what} within {LIMIT:.0f} s")
            await asyncio.sleep(LOOK)

    def _is_off(self) -> bool:
        answer = self._http.get(f"{self._base}/Systems/1", timeout=30)
        answer.raise_for_status()
        return bool(answer.json()["PowerState"] == "Off")

    async def _reset(self, kind: str) -> None:
        path = "/Systems/1/Actions/ComputerSystem.Reset"
        await asyncio.to_thread(self._post, path, {"ResetType": kind})

    def _insert(self, seed: str) -> None:
        for slot, url in (("Cd", self._node.image), ("Seed", seed)):
            path = f"/Managers/1/VirtualMedia/{slot}/Actions/VirtualMedia.InsertMedia"
            self._post(path, {"Image": url})
        boot = {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"}
        answer = self._http.patch(f"{self._base}/Systems/1", json={"Boot": boot}, timeout=30)
        answer.raise_for_status()

    def _eject(self) -> None:
        for slot in ("Cd", "Seed"):
            self._post(f"/Managers/1/VirtualMedia/{slot}/Actions/VirtualMedia.EjectMedia", {})

    def _post(self, path: str, body: dict[str, str]) -> None:
        self._http.post(self._base + path, json=body, timeout=30).raise_for_status()

    def _login(self) -> Login:
        node = self._node
        return Login(
            address=node.host.address,
            port=node.host.ssh_port,
            user=node.host.user,
            host_key=host_key(self._secret, node.identity.system_uuid, node.key_epoch).public,
            private_key=login_key(self._secret, self._site, node.key_epoch).private,
        )


def _answers(login: Login) -> bool:
    try:
        return probe(login, 5.0).booted
    except BloomeryError:
        return False
