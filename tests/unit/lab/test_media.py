"""Media as the firmware reads them, and what it refuses."""

from __future__ import annotations

import json

import pytest

from bloomery.errors import LabError
from bloomery.lab.medium import OS_VOLUME, SEED_VOLUME, Medium, make_iso, read_iso, read_medium
from bloomery.lab.medium import read_seed as seed_of

META = {
    "site": "s",
    "node": "n",
    "generation": 3,
    "image": "https://127.0.0.1/i.iso",
    "hostname": "n",
    "user": "deploy",
}


def test_files_come_back_with_their_long_names() -> None:
    files = {"ssh_host_ed25519_key.pub": b"key", "meta.json": b"{}", "empty": b""}
    assert read_iso(make_iso("VOL", files)) == ("VOL", files)


def test_an_os_medium_says_image_recipe_and_whom_to_trust() -> None:
    medium = Medium("image", "ab12", "http://10.0.0.1", "KEY")
    assert read_medium(medium.iso()) == medium
    assert read_medium(Medium("image", "ab12", "", "").iso()).depot_key == ""


def test_a_seed_keeps_its_generation_as_a_number_and_hides_its_keys() -> None:
    files = {"meta.json": json.dumps(META).encode(), "ssh_host_ed25519_key": b"PRIVATE"}
    seed = seed_of(make_iso(SEED_VOLUME, files))
    assert seed.record() == {"site": "s", "node": "n", "generation": 3, "image": META["image"]}
    assert "PRIVATE" not in repr(seed)
    with pytest.raises(LabError, match="no file authorized_keys"):
        seed.text("authorized_keys")


@pytest.mark.parametrize(
    ("volume", "files", "reason"),
    [
        (OS_VOLUME, {"meta.json": json.dumps(META).encode()}, "is no seed"),
        (SEED_VOLUME, {"user-data": b""}, "is no seed"),
        (SEED_VOLUME, {"meta.json": b'{"site": "s"}'}, "lacks generation, hostname"),
        (SEED_VOLUME, {"meta.json": b"[]"}, "not a JSON object"),
        (SEED_VOLUME, {"meta.json": b"{"}, "not JSON"),
    ],
)
def test_a_wrong_seed_is_refused(volume: str, files: dict[str, bytes], reason: str) -> None:
    with pytest.raises(LabError, match=reason):
        seed_of(make_iso(volume, files))


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(LabError, match="not a readable medium"):
        read_medium(b"\0" * 100_000)
    with pytest.raises(LabError, match="is no OS medium"):
        read_medium(make_iso(SEED_VOLUME, {"meta.json": b"{}"}))


def test_one_medium_can_be_both() -> None:
    about = b'{"image": "i", "recipe": "r"}'
    files = {"media.json": about, "meta.json": json.dumps(META).encode(), "host.network": b"n"}
    image = make_iso(SEED_VOLUME, {**files, "depot.asc": b"KEY"})
    assert read_medium(image) == Medium("i", "r", "", "KEY")
    assert set(seed_of(image).files) == {"meta.json", "host.network"}
