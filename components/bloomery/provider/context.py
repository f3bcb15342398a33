"""What every handler shares: the site's files and secret, drivers, progress."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bloomery.drivers.redfish.protocol import Trust
from bloomery.drivers.ssh.protocol import Login
from bloomery.errors import NotReadyError
from bloomery.plan.model import NodePlan
from bloomery.provider.bmc_access import trust_of
from bloomery.provider.drivers import Drivers
from bloomery.provider.journal import Journal
from bloomery.provider.log import EngineLog
from bloomery.provider.phases.node.limits import INSTALLS
from bloomery.provider.tasks import Tasks
from bloomery.provider.values import Props
from bloomery.statedir import StateDir, cache_root
from bloomery.trust.keys import host_key, login_key
from bloomery.trust.secret import SiteSecret, open_secret

if TYPE_CHECKING:
    from bloomery.provider.media.server import MediumServer
    from bloomery.provider.media.templates import Templates


@dataclass
class Context:
    """Made once per provider process; ``configure`` fills in the site."""

    log: EngineLog
    drivers: Drivers = field(default_factory=Drivers)
    """Clients by protocol, each with its budget."""
    tasks: Tasks = field(default_factory=Tasks)
    installs: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(INSTALLS))
    """Budget of installations, whatever protocols they use."""
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    site: str = ""
    patience: float = 1.0
    """Factor on every phase's time limit: 1 on metal, less where machines are virtual."""
    two_media: bool = False
    """Whether installer and seed are two media, where a BMC has a slot for each."""
    _state: StateDir | None = None
    _secret: SiteSecret | None = None
    _media: MediumServer | None = None
    _templates: Templates | None = None

    def configure(self, config: Props) -> None:
        """Open the site named in the provider's configuration. Raises NotReadyError."""
        self.site = str(config.get("site") or "")
        if not self.site:
            raise NotReadyError(
                "the provider configuration names no site",
                next_step="pulumi config set bloomery:site SITE",
            )
        self.patience = _patience(str(config.get("patience") or 1.0))
        self.two_media = _two_media(str(config.get("media") or "one"))
        self._state = StateDir.of(self.site, self.env)
        reference = str(config.get("secret") or "file:secret")
        kind, _, name = reference.partition(":")
        if kind != "file":
            raise NotReadyError(f"cannot open a site secret of kind {kind!r}; only file: is known")
        self._secret = open_secret(self._state.path / name)

    @property
    def state(self) -> StateDir:
        """The site's files."""
        if self._state is None:
            raise NotReadyError("the provider is not configured")
        return self._state

    @property
    def secret(self) -> SiteSecret:
        """The site secret."""
        if self._secret is None:
            raise NotReadyError("the provider is not configured")
        return self._secret

    @property
    def media(self) -> MediumServer:
        """The server that machines read their media from, made at first use."""
        if self._media is None:
            from bloomery.provider.media.server import MediumServer  # aiohttp comes with it

            self._media = MediumServer(self.secret, self.site, self.state.ca)
        return self._media

    @property
    def templates(self) -> Templates:
        """What all machines' media have in common."""
        if self._templates is None:
            from bloomery.provider.media.images import Images
            from bloomery.provider.media.templates import Templates  # pycdlib comes with it

            folder = cache_root(self.env) / "media"
            self._templates = Templates(folder, Images(folder, self.state.ca))
        return self._templates

    def journal(self, subject: str) -> Journal:
        """Journal of one subject."""
        return Journal(self.state.journal, subject)

    def trust(self, node: NodePlan) -> Trust:
        """How to know this machine's BMC: by pin, else by the site CA and its serial."""
        return trust_of(self.state, node)

    def login(self, node: NodePlan) -> Login:
        """How to reach this host and know it."""
        return Login(
            address=node.host.address,
            port=node.host.ssh_port,
            user=node.host.user,
            host_key=host_key(self.secret, node.identity.system_uuid, node.key_epoch).public,
            private_key=login_key(self.secret, self.site, node.key_epoch).private,
        )

    def artifacts(self) -> Path:
        """Controller directory where runs hand files to each other."""
        return self.state.path / "artifacts"


def _two_media(text: str) -> bool:
    if text not in ("one", "two"):
        raise NotReadyError(
            f"media {text!r} is neither one nor two",
            next_step="pulumi config set bloomery:media one",
        )
    return text == "two"


def _patience(text: str) -> float:
    try:
        patience = float(text)
    except ValueError:
        patience = 0.0
    if not 0 < patience < math.inf:
        raise NotReadyError(
            f"patience {text!r} is not a factor above 0",
            next_step="pulumi config set bloomery:patience 1",
        )
    return patience
