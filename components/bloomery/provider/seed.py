"""A node's first-boot data: what its installer and its first boot find on the medium.

It carries the host's private key, so it travels over the BMC network only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bloomery.names import short_name
from bloomery.plan.model import NodePlan, OsDiskPlan
from bloomery.trust.keys import disk_recovery_key, host_key, login_key, medium_key
from bloomery.trust.sealed import seal
from bloomery.trust.secret import SiteSecret

SEED_FILES = (
    "meta.json",
    "host.network",
    "ssh_host_ed25519_key",
    "ssh_host_ed25519_key.pub",
    "authorized_keys",
    "medium.pub",
    "disk_recovery_key",
)
"""Names of the files of a seed, in the order they are read."""

SEALED_FILES = ("seed.sealed", "medium.sig")
"""Names of the files that stand in their place on a medium that is read without TLS."""

MANIFEST_DIGEST = "medium.sha256"
"""File in a sealed seed: SHA-256 of the manifest of the medium that it is on, hex."""


def seed_files(secret: SiteSecret, site: str, node: NodePlan) -> dict[str, bytes]:
    """File name -> content of one node's seed; the same bytes each time."""
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
    disk = node.os_disk or OsDiskPlan()
    if disk.mirror:
        meta["os_mirror"] = "raid1"
    if disk.encrypt:
        meta["os_encrypt"] = disk.encrypt
    if node.secure_boot:
        meta["secure_boot"] = "required"
    recovery = disk_recovery_key(secret, node.identity.system_uuid, node.install_generation)
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
        # Without a line end, as a person would type it. Empty where no disk is encrypted.
        "disk_recovery_key": recovery.encode() if disk.encrypt else b"",
    }


def sealed_files(
    secret: SiteSecret, site: str, key: str, files: Mapping[str, bytes], manifest: bytes
) -> dict[str, bytes]:
    """``SEALED_FILES`` -> content: a seed under ``key``, and the signature of a manifest.

    The sealed seed holds ``medium.pub``, which proves the signature, and so every file; and the
    digest of this manifest, so that an older medium that the site signed is none.
    """
    bound = {**files, MANIFEST_DIGEST: hashlib.sha256(manifest).hexdigest().encode()}
    signature = medium_key(secret, site).sign(manifest)
    return dict(zip(SEALED_FILES, (seal(key, bound), signature), strict=True))
