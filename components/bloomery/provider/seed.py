"""A node's first-boot data: the image, and the server that hands it out once.

The image (volume ``CIDATA``) carries the host's private key, so it travels over the
BMC network only, from an address no host network reaches, under a URL nobody can
guess, to the one BMC it is for, once.
"""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import secrets
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pycdlib
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bloomery.errors import NotReadyError
from bloomery.names import short_name
from bloomery.plan.model import NodePlan
from bloomery.trust.ca import issue
from bloomery.trust.keys import host_key, login_key, medium_key
from bloomery.trust.secret import SiteSecret

TOKEN_BYTES = 32
"""Random bytes in the URL: as long as the keys it protects."""


def seed_files(secret: SiteSecret, site: str, node: NodePlan) -> dict[str, bytes]:
    """File name -> content of one node's seed."""
    key = host_key(secret, node.identity.system_uuid, node.key_epoch)
    meta = {
        "site": site,
        "node": node.name,
        "generation": node.install_generation,
        "image": node.image,
        "hostname": short_name(node.name),
        "user": node.host.user,
        # An installer holds these against its machine's firmware before it touches a disk.
        "chassis_serial": node.identity.chassis_serial,
        "system_uuid": node.identity.system_uuid,
    }
    if meta["hostname"] != node.name:
        meta["fqdn"] = node.name
    network = (
        f"[Match]\nMACAddress={node.host.mac}\n\n"
        f"[Network]\nAddress={node.host.address}/{node.host.prefix}\n"
        f"Gateway={node.host.gateway}\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
    )
    login = login_key(secret, site, node.key_epoch).public
    return {
        "meta.json": (json.dumps(meta, sort_keys=True) + "\n").encode(),
        "host.network": network.encode(),
        "ssh_host_ed25519_key": key.private.encode(),
        "ssh_host_ed25519_key.pub": (key.public + "\n").encode(),
        "authorized_keys": (login + "\n").encode(),
        "medium.pub": medium_key(secret, site)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    }


def seed_image(files: dict[str, bytes]) -> bytes:
    """An ISO 9660 image, volume CIDATA, with Rock Ridge and Joliet names."""
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident="CIDATA")
    for number, (name, content) in enumerate(sorted(files.items())):
        iso.add_fp(
            io.BytesIO(content),
            len(content),
            iso_path=f"/F{number:04d}.;1",
            rr_name=name,
            joliet_path=f"/{name}",
        )
    out = io.BytesIO()
    iso.write_fp(out)
    iso.close()
    return out.getvalue()


@dataclass
class _Offer:
    image: bytes = field(repr=False)
    reader: str
    taken: Callable[[], None]


class SeedServer:
    """Serves each image over HTTPS to one address, once."""

    def __init__(self, secret: SiteSecret, site: str, ca: Path) -> None:
        self._secret = secret
        self._site = site
        self._ca = ca
        self._offers: dict[str, _Offer] = {}
        self._ports: dict[str, int] = {}
        self._turn = asyncio.Lock()

    async def offer(
        self, controller: str, reader: str, image: bytes, taken: Callable[[], None]
    ) -> str:
        """URL under which ``reader`` (an address) may fetch ``image`` once.

        ``taken`` is called before the first byte goes out. Raises NotReadyError when
        the controller cannot listen on its address.
        """
        async with self._turn:
            if controller not in self._ports:
                self._ports[controller] = await self._listen(controller)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._offers[token] = _Offer(image, reader, taken)
        return f"https://{controller}:{self._ports[controller]}/{token}/seed.iso"

    def withdraw(self, url: str) -> None:
        """Forget an offer; called at eject."""
        if "/" in url:
            self._offers.pop(url.rsplit("/", 2)[-2], None)

    async def _listen(self, controller: str) -> int:
        leaf = issue(
            self._secret, self._site, self._ca, controller, datetime.datetime.now(datetime.UTC)
        )
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
            file.write(leaf.certificate + leaf.key)
            file.flush()
            tls.load_cert_chain(file.name)
        app = web.Application()
        # A question by HEAD must not use the offer up.
        app.router.add_get("/{token}/seed.iso", self._give, allow_head=False)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, controller, 0, ssl_context=tls)
        try:
            await site.start()
        except OSError as error:
            raise NotReadyError(
                f"cannot serve seeds on {controller}: {error.strerror}",
                next_step="give the controller this address in the BMC network",
            ) from None
        return int(runner.addresses[0][1])

    async def _give(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        offer = self._offers.get(token)
        if offer is None or request.remote != offer.reader:
            raise web.HTTPNotFound
        offer.taken()
        del self._offers[token]
        return web.Response(body=offer.image, content_type="application/octet-stream")
