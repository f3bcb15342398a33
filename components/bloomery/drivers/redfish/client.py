"""A real BMC, spoken to through sushy.

What sushy knows goes through its resources; what it lacks (asset tag, accounts) goes
over the same connector. Every write is read back: a BMC that accepts and forgets is
found here, not three phases later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import sushy
from sushy.auth import SessionAuth
from sushy.resources.base import ResourceCollectionBase
from sushy.resources.chassis.chassis import Chassis
from sushy.resources.manager.manager import Manager
from sushy.resources.manager.virtual_media import VirtualMedia
from sushy.resources.system.system import System

from bloomery.drivers.redfish.answers import speaking
from bloomery.drivers.redfish.protocol import (
    Bmc,
    Connect,
    MediaSlot,
    PowerAction,
    SystemFacts,
    Trust,
)
from bloomery.drivers.redfish.transport import CONNECT_SECONDS, READ_SECONDS, OnceConnector
from bloomery.errors import BloomeryError, DeviceError, NotReadyError, Unsupported

LOG = logging.getLogger(__name__)

# At debug level sushy writes whole requests; a seed's URL in one is a secret of its own.
logging.getLogger("sushy").setLevel(logging.INFO)
logging.getLogger("sushy").addHandler(logging.NullHandler())

Json = Mapping[str, object]
"""A JSON object as the BMC sent it."""

CD_TYPES = (sushy.VirtualMediaType.CD, sushy.VirtualMediaType.DVD)
"""Media types the installation medium needs."""

BMC_RESETS = (sushy.ResetType.GRACEFUL_RESTART, sushy.ResetType.FORCE_RESTART)
"""How to restart a BMC, best first."""


class SushyBmc:
    """One logged-in session on one BMC. Not safe to share between threads at a time."""

    def __init__(
        self, address: str, root: sushy.Sushy, auth: SessionAuth, wire: OnceConnector
    ) -> None:
        self._address = address
        self._root = root
        self._auth = auth
        self._wire = wire

    def facts(self) -> SystemFacts:
        """Read everything; parents before children. See ``protocol.Bmc``."""
        with self._speaking():
            system = self._system()
            now, pending = _bios(system)
            manager = self._manager()
            boot = system.boot
            once = boot is not None and boot.enabled == sushy.BootSourceOverrideEnabled.ONCE
            progress = system.boot_progress
            return SystemFacts(
                bmc_mac=_mac(manager),
                chassis_serial=self._chassis().serial_number or "",
                system_uuid=(system.uuid or "").lower(),
                model=system.model or "",
                power=system.power_state.value if system.power_state else "Unknown",
                asset_tag=system.asset_tag or "",
                bmc_version=manager.firmware_version or "",
                bios_version=system.bios_version or "",
                bios=now,
                bios_pending=pending,
                media=_media(manager),
                boot_once=boot.target.value if once and boot.target else "",
                boot_progress=progress.last_state.value if progress and progress.last_state else "",
            )

    def set_password(self, username: str, password: str) -> None:
        """Change a password. Prove it by a new login; this session may or may not live on."""
        with self._speaking():
            service = self._get(_path(self._root.json, "AccountService"))
            accounts = self._get(_path(service, "Accounts"))
            for path in _members(accounts):
                account = self._wire.get(path)
                if account.json().get("UserName") == username:
                    tag = account.headers.get("ETag")
                    self._wire.patch(path, data={"Password": password}, etag=tag)
                    return
        raise Unsupported(f"the BMC has no account '{username}'", subject=self._address)

    def set_bios(self, attributes: Mapping[str, str]) -> None:
        """Stage attributes and see them staged. Raises Unsupported naming missing keys."""
        with self._speaking():
            bios = self._system().bios
            known = bios.attributes or {}
            missing = sorted(set(attributes) - set(known))
            if missing:
                raise Unsupported(
                    f"the BIOS lists no {', '.join(missing)}",
                    subject=self._address,
                    next_step="restart the BMC: some leave out keys until then",
                )
            wanted = {key: _like(known[key], value) for key, value in attributes.items()}
            bios.set_attributes(wanted)
            staged = self._system().bios
            seen = {**(staged.attributes or {}), **(staged.pending_attributes or {})}
            lost = sorted(key for key, value in wanted.items() if seen.get(key) != value)
        self._require(not lost, f"BIOS attributes {', '.join(lost)} were accepted but not staged")

    def insert_media(self, slot: MediaSlot, url: str) -> None:
        """Insert by URL; another medium in the slot is ejected first."""
        with self._speaking():
            media = self._slot(slot)
            if media.inserted and media.image == url:
                return
            if media.inserted:
                media.eject_media()
            media.insert_media(url)
            media = self._slot(slot)
            good = media.inserted and media.image == url
        # The URL stays out of the text: that of a seed is a secret of its own.
        self._require(good, f"the medium was accepted, but slot {slot} does not hold it")

    def eject_media(self, slot: MediaSlot) -> None:
        """Eject; an empty slot is no error."""
        with self._speaking():
            media = self._slot(slot)
            if not media.inserted:
                return
            media.eject_media()
            left = self._slot(slot).inserted
        self._require(not left, f"ejecting {slot} was accepted, but the medium is still there")

    def boot_once(self, target: Literal["Cd", "Hdd"]) -> None:
        """Set the boot override for the next boot only."""
        with self._speaking():
            once = sushy.BootSourceOverrideEnabled.ONCE
            self._system().set_system_boot_options(sushy.BootSource(target), once)
            boot = self._system().boot
            good = boot is not None and boot.enabled == once and boot.target.value == target
        self._require(good, f"the boot override {target} was accepted, but is not there")

    def power(self, action: PowerAction) -> None:
        """Ask for a power change. Returns once accepted."""
        with self._speaking():
            self._system().reset_system(sushy.ResetType(action))

    def set_asset_tag(self, tag: str) -> None:
        """Write the marker."""
        with self._speaking():
            system = self._system()
            self._wire.patch(system.path, data={"AssetTag": tag}, etag=system._get_etag())
            seen = self._system().asset_tag
        self._require(seen == tag, f"the asset tag was accepted, but reads '{seen}'")

    def reset_bmc(self) -> None:
        """Restart the BMC. The session is gone afterwards, and the BMC for minutes."""
        with self._speaking():
            manager = self._manager()
            offered = manager.get_allowed_reset_manager_values()
            kind = next((one for one in BMC_RESETS if one in offered), None)
            if kind is None:
                raise Unsupported("the BMC cannot be restarted", subject=self._address)
            manager.reset_manager(kind)
        self._auth.reset_session_attrs()

    def end_other_sessions(self) -> None:
        """End this account's other sessions; BMCs hold a handful, for half an hour."""
        own = urlsplit(self._auth.get_session_resource_id() or "").path
        try:
            with self._speaking():
                sessions = self._get(_path(self._get_links(), "Sessions"))
                for path in _members(sessions):
                    if path != own and self._get(path).get("UserName") == self._auth._username:
                        self._wire.delete(path)
        except BloomeryError as exc:
            LOG.debug("other sessions left to expire: %s", exc)

    def close(self) -> None:
        """End the session on the BMC. Never raises; a BMC that is away drops it itself."""
        try:
            with self._speaking():
                self._auth.close()
        except BloomeryError as exc:
            LOG.debug("session left to expire: %s", exc)
            self._auth.reset_session_attrs()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """One call of the driver: over one connection, which ends with it."""
        with speaking(self._address):
            try:
                yield
            finally:
                self._wire.close()

    def _require(self, good: bool, reason: str) -> None:
        if not good:
            raise DeviceError(reason, subject=self._address)

    def _get_links(self) -> Json:
        links: Json = self._root.json.get("Links") or {}
        return links

    def _get(self, path: str) -> Json:
        body: Json = self._wire.get(path).json()
        return body

    def _system(self) -> System:
        collection = self._root.get_system_collection()
        return collection.get_member(_only(collection))

    def _manager(self) -> Manager:
        collection = self._root.get_manager_collection()
        return collection.get_member(_only(collection))

    def _chassis(self) -> Chassis:
        collection = self._root.get_chassis_collection()
        return collection.get_member(_only(collection))

    def _slot(self, slot: MediaSlot) -> VirtualMedia:
        slots = self._manager().virtual_media.get_members()
        found = _by_slot(slots).get(slot)
        if found is None:
            raise Unsupported(f"the BMC has no virtual media for {slot}", subject=self._address)
        return found


@dataclass(frozen=True)
class Dialer:
    """Opens sessions with real BMCs; ``connect`` is one with the usual times."""

    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS

    def __call__(self, address: str, trust: Trust, username: str, password: str) -> Bmc:
        """Log in once. See ``protocol.Connect``."""
        if not trust.cert_sha256 and not trust.ca_file:
            raise NotReadyError(
                "neither a certificate fingerprint nor a site CA is given", subject=address
            )
        wire = OnceConnector(
            address,
            trust,
            connect_seconds=self.connect_seconds,
            read_seconds=self.read_seconds,
        )
        auth = SessionAuth(username, password)
        with speaking(address, login=True):
            try:
                root = sushy.Sushy(f"https://{address}", auth=auth, connector=wire)
            finally:
                wire.close()
        return SushyBmc(address, root, auth, wire)


connect: Connect = Dialer()
"""Opens a session with a real BMC."""


def _only(collection: ResourceCollectionBase) -> str:
    """Path of the one member. A BMC of several systems is none that bloomery drives."""
    paths = collection.members_identities
    if len(paths) != 1:
        raise Unsupported(f"{collection.path} has {len(paths)} members; exactly one is expected")
    return str(paths[0])


def _bios(system: System) -> tuple[dict[str, str], dict[str, str]]:
    """Attributes in force, and those that wait and differ."""
    try:
        bios = system.bios
    except sushy.exceptions.MissingAttributeError:  # a machine without BIOS resource is fine
        return {}, {}
    now = {key: str(value) for key, value in (bios.attributes or {}).items()}
    staged = (bios.pending_attributes or {}).items() if bios._settings else ()
    pending = {key: str(value) for key, value in staged if now.get(key) != str(value)}
    return now, pending


def _mac(manager: Manager) -> str:
    ports = manager.ethernet_interfaces.get_members()
    macs = [port.permanent_mac_address or port.mac_address for port in ports]
    return next((str(mac).lower() for mac in macs if mac), "")


def _media(manager: Manager) -> dict[str, str]:
    slots = _by_slot(manager.virtual_media.get_members())
    return {name: slot.image for name, slot in slots.items() if slot.inserted and slot.image}


def _by_slot(slots: list[VirtualMedia]) -> dict[str, VirtualMedia]:
    """Which slot serves as Cd and which as Seed: by Id, else first and second for a CD."""
    named = {slot.identity: slot for slot in slots if slot.identity in ("Cd", "Seed")}
    if len(named) == 2:
        return named
    discs = [slot for slot in slots if set(slot.media_types) & set(CD_TYPES)]
    return dict(zip(("Cd", "Seed"), discs, strict=False))


def _like(current: object, value: str) -> str | int | bool:
    """The wanted value in the type the BIOS uses for this attribute."""
    if isinstance(current, bool):
        return value.lower() == "true"
    return int(value) if isinstance(current, int) else value


def _path(body: Json, name: str) -> str:
    target = body.get(name)
    if not isinstance(target, dict):
        raise Unsupported(f"the BMC has no {name}")
    return str(target["@odata.id"])


def _members(body: Json) -> list[str]:
    members = body.get("Members")
    return [str(one["@odata.id"]) for one in members] if isinstance(members, list) else []
