"""A site in a temporary directory, a bare Redfish client, and a medium server."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import secrets
import ssl
import uuid
from dataclasses import dataclass
from pathlib import Path

import paramiko
import requests

from bloomery import lab
from bloomery.drivers.ssh.client import probe
from bloomery.drivers.ssh.protocol import HostFacts, Login
from bloomery.plan import make_plan
from bloomery.plan.model import NodePlan, Plan
from bloomery.provider.journal import Journal
from bloomery.provider.media.images import Images
from bloomery.provider.media.reading import Reading
from bloomery.provider.media.server import MediumServer, Place
from bloomery.provider.media.templates import Templates
from bloomery.provider.seed import seed_files
from bloomery.site import load
from bloomery.statedir import StateDir, cache_root
from bloomery.trust.factory import factory_login
from bloomery.trust.keys import host_key, login_key
from bloomery.trust.secret import open_secret

SITE = """\
site: {name}
country: UA
location: UA-lab
lab: true
release: lab-2026.11
networks:
  oob: {{cidr: 127.{block}.0.0/16, controller: 127.{block}.0.1}}
  provisioning: {{cidr: {hosts}.0.0/16, gateway: {hosts}.0.1, ssh_port: {port}}}
depot: {{url: "http://{hosts}.0.1:8480"}}
racks: [{{name: {rack}, units: 40, power_kw: 40}}]
pools: [{{name: pool, model: {model}, purpose: training}}]
policy: {{allowed_locations: [UA-lab]}}
on_delete: power-off
protect: false
"""

HEAD = "name,pool,rack,unit,bmc_mac,bmc_address,bmc_cert_sha256,chassis_serial,system_uuid\n"


MODELS = {
    "ghost": "lab-ghost",
    "guest": "lab-node",
    "machine": "lab-metal",
    "trusted": "lab-metal-tpm, os_disk: {mirror: true, encrypt: luks2}, secure_boot: true",
}
"""Kind -> model of its pool, and what else the pool says."""


def write_site(
    folder: Path, name: str, kind: str, count: int, rack: int = 1, block: int = 81
) -> Path:
    """A site of ``count`` machines of one kind; sites of different racks can run side by side."""
    folder.mkdir(parents=True)
    ghost = kind == "ghost"
    text = SITE.format(
        name=name,
        rack=f"r{rack:02d}",
        model=MODELS[kind],
        block=block,
        hosts=f"127.{block}" if ghost else f"10.{block}",
        port=2222 if ghost else 22,
    )
    if ghost:
        # BMCs and ghosts share 127.81: hosts of a rack stand 128 racks further.
        text = text.replace(
            f"127.{block}.0.0/16, gateway: 127.{block}.0.1",
            f"127.{block}.128.0/17, gateway: 127.{block}.128.1",
        )
        text = text.replace(f"http://127.{block}.0.1", f"http://127.{block}.128.1")
    (folder / "site.yaml").write_text(text)
    rows = [
        f"n{i:02d},pool,r{rack:02d},{i},02:{block % 100:02d}:00:00:{rack:02x}:{i:02x},"
        f"127.{block}.{rack}.{i}:8443,,S{block}-{name}-{i},"
        f"{uuid.uuid5(uuid.NAMESPACE_DNS, f'{name}{i}')}"
        for i in range(1, count + 1)
    ]
    (folder / "machines.csv").write_text(HEAD + "\n".join(rows) + "\n")
    return folder


@dataclass
class Bench:
    """One lab under test."""

    site: Path
    env: dict[str, str]
    plan: Plan

    @classmethod
    def make(
        cls, tmp: Path, name: str, kind: str, count: int, rack: int = 1, block: int = 81
    ) -> Bench:
        site = write_site(tmp / "site", name, kind, count, rack, block)
        env = {**os.environ, "BLOOMERY_STATE": str(tmp / "state")}
        return cls(site, env, make_plan(load(site)))

    @property
    def name(self) -> str:
        return self.plan.site.name

    @property
    def state(self) -> StateDir:
        return StateDir.of(self.name, self.env)

    def up(self) -> list[str]:
        lines: list[str] = []
        lab.up(self.site, self.env, lines.append, time_factor=0.01)
        return lines

    def down(self) -> None:
        lab.down(self.name, self.env, lambda _: None)

    def bmc(self, node: str) -> RawBmc:
        plan = self.plan.node(node)
        secret = open_secret(self.state.secret)
        login = factory_login(secret, self.name, self.state.factory, plan.identity.chassis_serial)
        return RawBmc(plan.bmc.address, login, self.state.ca)

    def login(self, node: str) -> Login:
        plan = self.plan.node(node)
        secret = open_secret(self.state.secret)
        return Login(
            plan.host.address,
            plan.host.ssh_port,
            plan.host.user,
            host_key(secret, plan.identity.system_uuid, plan.key_epoch).public,
            login_key(secret, self.name, plan.key_epoch).private,
        )

    def shell(self, node: str, command: str, seconds: float = 20) -> tuple[int, str]:
        """Run a command on a host, its key known beforehand; exit code and all output."""
        with self.session(node) as client:
            channel = client.get_transport().open_session(timeout=seconds)
            channel.settimeout(seconds)
            channel.set_combine_stderr(True)
            channel.exec_command(command)
            output = channel.makefile("rb").read().decode(errors="replace")
            return channel.recv_exit_status(), output

    def session(self, node: str) -> paramiko.SSHClient:
        """An open login; no other host key than the derived one is accepted."""
        login = self.login(node)
        client = paramiko.SSHClient()
        kind, data = login.host_key.split()[:2]
        known = paramiko.Ed25519Key(data=base64.b64decode(data))
        client.get_host_keys().add(login.address, kind, known)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        key = paramiko.Ed25519Key.from_private_key(io.StringIO(login.private_key))
        client.connect(
            login.address,
            username=login.user,
            pkey=key,
            timeout=10,
            allow_agent=False,
            look_for_keys=False,
        )
        return client

    def certificate(self, node: str) -> str:
        host, _, port = self.plan.node(node).bmc.address.partition(":")
        return ssl.get_server_certificate((host, int(port)))

    def fault(self, name: str, node: str = "n01", **options: str) -> None:
        lab.set_fault(self.name, self.env, node, name, options)

    def console(self, node: str) -> str:
        file = lab.console_file(self.name, self.env, node)
        return file.read_text(errors="replace") if file.exists() else ""

    async def seed_url(self, server: MediumServer, node: NodePlan) -> str:
        secret = open_secret(self.state.secret)
        folder = cache_root(self.env) / "media"
        template = await Templates(folder, Images(folder, self.state.ca)).seed()
        medium = template.filled(seed_files(secret, self.name, node))
        reading = Reading(medium, Journal(self.state.journal, node.name), 1, 1)
        controller, reader = self.plan.site.controller_oob, node.bmc.address.partition(":")[0]
        path = f"/{secrets.token_urlsafe()}/seed.iso"
        return await server.offer(Place(controller, reader, path), reading)

    async def install(self, node: str) -> None:
        """Media in, boot once from Cd, wait until the machine switched itself off, media out."""
        server = MediumServer(open_secret(self.state.secret), self.name, self.state.ca)
        plan = self.plan.node(node)
        url = await self.seed_url(server, plan)
        bmc = self.bmc(node)
        await asyncio.to_thread(bmc.insert, plan.image, url)
        await asyncio.to_thread(bmc.reset, "On")
        await self.until(lambda: bmc.power() == "Off", 60)
        await asyncio.to_thread(bmc.eject)

    async def boot(self, node: str, seconds: float = 60) -> HostFacts:
        """Power on from disk and log in with the host key known beforehand."""
        await asyncio.to_thread(self.bmc(node).reset, "On")
        return await self.reach(node, seconds)

    async def reach(self, node: str, seconds: float = 60) -> HostFacts:
        login = self.login(node)
        end = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                facts = await asyncio.to_thread(probe, login, 5.0)
                if facts.booted:
                    return facts
            except Exception:  # a host that boots refuses in many ways; the last one is raised
                if asyncio.get_running_loop().time() > end:
                    raise
            await asyncio.sleep(0.1)

    async def until(self, condition, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while not await asyncio.to_thread(condition):
            assert asyncio.get_running_loop().time() < end, "not within time"
            await asyncio.sleep(0.1)


class RawBmc:
    """Just enough Redfish for these tests; TLS is verified by the site CA."""

    def __init__(self, address: str, login: tuple[str, str], ca: Path) -> None:
        self._base = f"https://{address}/redfish/v1"
        self._http = requests.Session()
        self._http.trust_env = False  # REQUESTS_CA_BUNDLE would win over verify
        self._http.auth = login
        self._http.verify = str(ca)

    def get(self, path: str) -> dict:
        answer = self._http.get(self._base + path, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict) -> None:
        self._http.post(self._base + path, json=body, timeout=30).raise_for_status()

    def power(self) -> str:
        return self.get("/Systems/1")["PowerState"]

    def progress(self) -> str:
        return self.get("/Systems/1")["BootProgress"]["LastState"]

    def reset(self, kind: str) -> None:
        self.post("/Systems/1/Actions/ComputerSystem.Reset", {"ResetType": kind})

    def insert(self, cd: str, seed: str) -> None:
        media = "/Managers/1/VirtualMedia"
        for slot, url in (("Cd", cd), ("Seed", seed)):
            self.post(f"{media}/{slot}/Actions/VirtualMedia.InsertMedia", {"Image": url})
        boot = {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"}
        answer = self._http.patch(f"{self._base}/Systems/1", json={"Boot": boot}, timeout=30)
        answer.raise_for_status()

    def set_bios(self, **attributes: str) -> None:
        """Stage attributes for the next power-on."""
        answer = self._http.patch(
            f"{self._base}/Systems/1/Bios/Settings", json={"Attributes": attributes}, timeout=30
        )
        answer.raise_for_status()

    def eject(self) -> None:
        for slot in ("Cd", "Seed"):
            self.post(f"/Managers/1/VirtualMedia/{slot}/Actions/VirtualMedia.EjectMedia", {})
