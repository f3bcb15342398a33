"""What is in a seed."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_private_key,
)
from site_in_process import SITE, SiteInProcess, node_plan

from bloomery.plan.model import OsDiskPlan
from bloomery.provider.seed import SEED_FILES, seed_files
from bloomery.trust.keys import host_key, login_key


def test_files_of_a_seed(shop: SiteInProcess) -> None:
    node = node_plan(install_generation=3)
    secret = shop.context.secret
    files = seed_files(secret, SITE, node)
    assert set(files) == set(SEED_FILES)
    assert json.loads(files["meta.json"]) == {
        "site": SITE,
        "node": "n01",
        "generation": 3,
        "image": node.image,
        "hostname": "n01",
        "user": "deploy",
        "chassis_serial": node.identity.chassis_serial,
        "system_uuid": node.identity.system_uuid,
    }
    network = files["host.network"].decode()
    assert "MACAddress=02:83:10:00:00:01" in network
    assert "Address=10.83.1.1/16" in network and "Gateway=10.83.0.1" in network
    public = load_ssh_private_key(files["ssh_host_ed25519_key"], None).public_key()
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert line == host_key(secret, node.identity.system_uuid, 1).public
    assert files["ssh_host_ed25519_key.pub"].decode() == line + "\n"
    assert files["authorized_keys"].decode() == login_key(secret, SITE, 1).public + "\n"


def test_a_host_with_a_domain_is_called_by_its_short_name(shop: SiteInProcess) -> None:
    node = node_plan(name="n01.hall1.example.ua")
    meta = json.loads(seed_files(shop.context.secret, SITE, node)["meta.json"])
    assert (meta["hostname"], meta["fqdn"], meta["node"]) == ("n01", node.name, node.name)


def test_an_encrypted_disk_brings_its_recovery_key_of_that_installation(
    shop: SiteInProcess,
) -> None:
    secret, disk = shop.context.secret, OsDiskPlan(mirror=True, encrypt="luks2")
    assert seed_files(secret, SITE, node_plan())["disk_recovery_key"] == b""
    files = seed_files(secret, SITE, node_plan(os_disk=disk, secure_boot=True))
    meta = json.loads(files["meta.json"])
    wanted = {"os_mirror": "raid1", "os_encrypt": "luks2", "secure_boot": "required"}
    assert wanted.items() <= meta.items()
    key = files["disk_recovery_key"].decode()
    assert len(key) == 64 and key not in files["meta.json"].decode()
    again = seed_files(secret, SITE, node_plan(os_disk=disk, install_generation=2))
    assert again["disk_recovery_key"] != files["disk_recovery_key"]


def test_it_is_the_same_each_time(shop: SiteInProcess) -> None:
    """A reader that was interrupted goes on in the middle of what another process offers."""
    secret = shop.context.secret
    assert seed_files(secret, SITE, node_plan()) == seed_files(secret, SITE, node_plan())
