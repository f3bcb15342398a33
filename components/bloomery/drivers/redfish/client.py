"""A real BMC: the tree is followed as it declares itself, every write is read back.

sushy's connector and errors carry the requests. Its resource classes are not used: they refuse a
tree that lacks a property, and most trees lack one. A BMC that accepts and forgets is found here,
not three phases later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish import accounts, boot, media, resets, roots
from bloomery.drivers.redfish.answers import speaking
from bloomery.drivers.redfish.description import Description, Root, describe
from bloomery.drivers.redfish.facts import Reading, system_now
from bloomery.drivers.redfish.protocol import (
    ANY,
    Connect,
    MediaSlot,
    MediaTrust,
    Personality,
    PowerAction,
    Sought,
    SystemFacts,
    SystemNow,
    Trust,
)
from bloomery.drivers.redfish.recorder.crawl import Crawled, Progress, crawl
from bloomery.drivers.redfish.session import ROOT, Session
from bloomery.drivers.redfish.transport import CONNECT_SECONDS, READ_SECONDS, OnceConnector
from bloomery.drivers.redfish.tree import Tree, link, members, text
from bloomery.drivers.redfish.values import tag as plain_tag
from bloomery.drivers.redfish.view import View
from bloomery.drivers.redfish.wire import Pace, Wire
from bloomery.errors import BloomeryError, DeviceError, NotReadyError, PasswordExpired, Unsupported

LOG = logging.getLogger(__name__)

# At debug level sushy writes whole requests; a seed's URL in one is a secret of its own.
logging.getLogger("sushy").setLevel(logging.INFO)
logging.getLogger("sushy").addHandler(logging.NullHandler())


class RedfishBmc:
    """One logged-in session on one BMC. Not safe to share between threads at a time."""

    def __init__(self, address: str, wire: Wire, session: Session, tree: Tree) -> None:
        self._address = address
        self._wire = wire
        self._session = session
        self._tree = tree
        self._seen: View | None = None
        """What the last reading of facts found, so that a personality costs no other one."""

    def facts(self) -> SystemFacts:
        """Read everything; parents before children. See ``protocol.Bmc``."""
        with self._speaking():
            self._seen = self._view()
            return Reading(self._wire, self._seen).facts()

    def now(self) -> SystemNow:
        """Read the system alone. See ``protocol.Bmc``."""
        with self._speaking():
            return system_now(self._view().system.body)

    def personality(self) -> Personality:
        """How this BMC is spoken to, and why so."""
        with self._speaking():
            return (self._seen or self._view()).personality()

    def describe(self) -> Description:
        """What this BMC is, and why so; reads only. Raises Unreachable, Busy, NotTrusted."""
        change_first = self.password_expired()
        with self._speaking():
            return describe(self._wire, self._tree, self._session, change_first=change_first)

    def crawl(self, most: int, seconds: float, progress: Progress) -> Crawled:
        """Every resource from the root on, within bounds; reads only. Raises PasswordExpired."""
        if self.password_expired():
            raise PasswordExpired("the password must be changed first", subject=self._address)
        with self._speaking():
            return crawl(self._wire, most, seconds, progress)

    def firmware(self) -> Mapping[str, str]:
        """Name -> version of all firmware."""
        with self._speaking():
            service = link(self._tree.root, "UpdateService")
            path = link(self._wire.get(service).body, "FirmwareInventory") if service else ""
            if not path:
                raise Unsupported("the BMC lists no firmware", subject=self._address)
            listed = [self._wire.get(one) for one in members(self._wire, path)]
            return {text(one.body, "Id") or one.path: text(one.body, "Version") for one in listed}

    def password_expired(self) -> bool:
        """Whether the password must be changed before anything else is answered."""
        if self._session.expired_account:
            return True
        with self._speaking():
            try:
                self._wire.get(link(self._tree.root, "Systems"))
            except sushy_errors.AccessError as error:
                if not accounts.change_first(error):
                    raise
                return True
        return False

    def set_password(self, username: str, password: str) -> None:
        """Change a password. Prove it by a new login; this session may or may not live on."""
        with self._speaking():
            known = self._session.expired_account if username == self._session.username else ""
            path = known or accounts.find(self._wire, self._tree.root, username)
            self._wire.patch(path, {"Password": password})
            self._session.expired_account = ""

    def set_bios(self, attributes: Mapping[str, str]) -> None:
        """Stage attributes and see them staged. Raises Unsupported naming missing keys."""
        with self._speaking():
            view = self._view()
            bios = view.bios
            known = bios.known if bios else {}
            missing = sorted(set(attributes) - set(known))
            if missing or bios is None:
                raise Unsupported(
                    f"the BIOS lists no {', '.join(missing)}",
                    subject=self._address,
                    next_step="restart the BMC: some leave out keys until then",
                )
            request = bios.request(attributes, view.apply_time())
            self._wire.patch(bios.where, request, for_reset=True)
            seen = self._view().bios
            shown = {**seen.now(), **seen.pending()} if seen else {}
            told = seen is not None and (seen.staged is not None or seen.where == bios.where)
            wanted = {key: bios.staged_form(key, value) for key, value in attributes.items()}
            lost = sorted(key for key, value in wanted.items() if told and shown.get(key) != value)
        self._require(not lost, f"BIOS attributes {', '.join(lost)} were accepted but not staged")

    def insert_media(self, slot: MediaSlot, url: str) -> None:
        """Insert by URL; another medium in the slot is ejected first."""
        with self._speaking():
            found = self._slot(slot)
            if found is None:
                raise Unsupported(self._no_slot(slot), subject=self._address)
            if found.holds(url):
                return
            if found.inserted:
                media.eject(self._wire, found)
                self._settles(lambda: not self._inserted(slot))
                found = self._slot(slot) or found
            media.insert(self._wire, found, url)
            good = self._settles(lambda: self._holds(slot, url))
        # The URL stays out of the text: that of a seed is a secret of its own.
        self._require(good, f"the medium was accepted, but slot {slot} does not hold it")

    def believe_ca(self, slot: MediaSlot, ca: str) -> MediaTrust:
        """Give a slot a CA to verify by. See ``protocol.Bmc``."""
        with self._speaking():
            found = self._slot(slot)
            if found is None:
                raise Unsupported(self._no_slot(slot), subject=self._address)
            return roots.believe(self._wire, found, ca)

    def eject_media(self, slot: MediaSlot) -> None:
        """Eject; an empty slot is no error, nor is one that is not there."""
        with self._speaking():
            found = self._slots().get(slot)
            if found is None or not found.inserted:
                return
            media.eject(self._wire, found)
            gone = self._settles(lambda: not self._inserted(slot))
        self._require(gone, f"ejecting {slot} was accepted, but the medium is still there")

    def boot_once(self, target: Literal["Cd", "Hdd"]) -> None:
        """Set the boot override for the next boot only, and read it where it was written."""
        with self._speaking():
            view = self._view()
            override, name = view.override, view.boot_targets().get(target)
            if not override.where or not name:
                raise Unsupported(
                    f"the BMC offers no boot override to {target}", subject=self._address
                )
            self._wire.patch(override.where, boot.wanted(override, name))
            good = self._settles(lambda: self._overridden(boot.plain(name)))
        self._require(good, f"the boot override {target} was accepted, but is not there")

    def clear_boot(self) -> None:
        """Take back a boot override."""
        with self._speaking():
            override = self._view().override
            if not override.where or not (
                override.pending(boot.ONCE) or override.pending(boot.ALWAYS)
            ):
                return
            self._wire.patch(override.where, boot.cleared(override))
            gone = self._settles(lambda: not self._overridden(""))
        self._require(gone, "taking back the boot override was accepted, but it is still there")

    def power(self, action: PowerAction) -> None:
        """Ask for a power change. Returns once accepted."""
        with self._speaking():
            resets.switch(self._wire, self._view().system, action)

    def set_asset_tag(self, tag: str) -> None:
        """Write the marker."""
        with self._speaking():
            system = self._view().system
            if "AssetTag" not in system.body:
                raise Unsupported("the BMC has no asset tag", subject=self._address)
            self._wire.patch(system.path, {"AssetTag": tag})
            seen = plain_tag(self._view().system.body.get("AssetTag"))
        self._require(seen == tag, f"the asset tag was accepted, but reads '{seen}'")

    def reset_bmc(self) -> None:
        """Restart the BMC. The session is gone afterwards, and the BMC for minutes."""
        with self._speaking():
            manager = self._view().manager
            if manager is None:
                raise Unsupported("the tree names no BMC to restart", subject=self._address)
            resets.restart_bmc(self._wire, manager)
        self._wire.close()
        self._session.forget()

    def end_other_sessions(self) -> None:
        """End this account's other sessions; BMCs hold a handful, for half an hour."""
        try:
            with self._speaking():
                for path in self._session.others():
                    self._wire.delete(path)
        except BloomeryError as exc:
            LOG.debug("other sessions left to expire: %s", exc)

    def close(self) -> None:
        """End the session on the BMC. Never raises; a BMC that is away drops it itself."""
        try:
            with self._speaking():
                self._session.end()
        except BloomeryError as exc:
            LOG.debug("session left to expire: %s", exc)
        finally:
            self._wire.close()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """One call of the driver: over the connection of the last one, if that was just now."""
        self._wire.begin()
        with speaking(self._address):
            try:
                yield
            except BaseException:
                self._wire.close()
                raise
            self._wire.pause()

    def _require(self, good: bool, reason: str) -> None:
        if not good:
            raise DeviceError(reason, subject=self._address)

    def _view(self) -> View:
        return View(self._wire, self._tree)

    def _settles(self, done: Callable[[], bool]) -> bool:
        """Whether what was accepted shows within the time that BMCs take for it."""
        return any(done() for _ in self._wire.pace.looks(self._wire.pace.settle))

    def _slots(self) -> Mapping[MediaSlot, media.Slot]:
        return self._view().slots or {}

    def _slot(self, slot: MediaSlot) -> media.Slot | None:
        """The slot that fits; a BMC that lists none until it is told to is told to."""
        view = self._view()
        found = (view.slots or {}).get(slot)
        call = view.media_call
        if found is not None or call is None:
            return found
        self._wire.post(*call)
        self._settles(lambda: bool(self._slots()))
        return self._slots().get(slot)

    def _no_slot(self, slot: MediaSlot) -> str:
        slots = self._view().slots
        if slots is None:
            return "the BMC has no virtual media"
        if not slots:
            return "the BMC lists no virtual media slot that takes a URL"
        return f"the BMC has no second slot that fits, for {slot}"

    def _inserted(self, slot: MediaSlot) -> bool:
        found = self._slots().get(slot)
        return found is not None and found.inserted

    def _holds(self, slot: MediaSlot, url: str) -> bool:
        found = self._slots().get(slot)
        return found is not None and found.holds(url)

    def _overridden(self, target: str) -> bool:
        """Whether the override is there; for no target in particular, whether any is."""
        override = self._view().override
        there = {override.pending(boot.ONCE), override.pending(boot.ALWAYS)} - {""}
        return target in there if target else bool(there)


@dataclass(frozen=True)
class Dialer:
    """Opens sessions with real BMCs; ``connect`` is one with the usual times."""

    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    pace: Pace = field(default_factory=Pace)

    def __call__(
        self, address: str, trust: Trust, username: str, password: str, sought: Sought = ANY, /
    ) -> RedfishBmc:
        """Log in once. See ``protocol.Connect``."""
        connector, wire = self._wire(address, trust)
        session = Session(wire, connector, username)
        with speaking(address, login=True):
            try:
                root = wire.get(ROOT).body
                session.open(root, password)
            except BaseException:
                wire.close()
                raise
            wire.pause()
        return RedfishBmc(address, wire, session, Tree(wire, root, sought))

    def root(self, address: str, trust: Trust) -> Root:
        """What the BMC tells everybody: no login is sent. Raises Unreachable, NotTrusted, Busy."""
        _, wire = self._wire(address, trust)
        with speaking(address):
            try:
                return Root.of(wire.get(ROOT).body)
            finally:
                wire.close()

    def _wire(self, address: str, trust: Trust) -> tuple[OnceConnector, Wire]:
        if not trust.cert_sha256 and not trust.ca_file:
            raise NotReadyError(
                "neither a certificate fingerprint nor a site CA is given", subject=address
            )
        connector = OnceConnector(
            address,
            trust,
            connect_seconds=self.connect_seconds,
            read_seconds=self.read_seconds,
        )
        return connector, Wire(address, connector, self.pace)


connect: Connect = Dialer()
"""Opens a session with a real BMC."""
