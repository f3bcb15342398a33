"""Templates of media: what a filled one holds, read by ISO readers that know nothing of it."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pycdlib
import pytest
from own_metal import read_iso
from site_in_process import SITE, SiteInProcess, node_plan

from bloomery.errors import NotReadyError
from bloomery.provider.media import template as module
from bloomery.provider.media.template import ROOM, make_template, open_template
from bloomery.provider.seed import SEED_FILES, seed_files

OS = {"media.json": b"{}", "vmlinuz": bytes(range(256)) * 300}


def os_image(path: Path) -> Path:
    """An installation medium as somebody else makes it, with an El Torito boot entry."""
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident="SOME_OS")
    for number, (name, data) in enumerate(OS.items()):
        iso.add_fp(
            io.BytesIO(data),
            len(data),
            iso_path=f"/F{number}.;1",
            rr_name=name,
            joliet_path=f"/{name}",
        )
    iso.add_fp(io.BytesIO(b"boot"), 4, iso_path="/BOOT.;1", rr_name="boot", joliet_path="/boot")
    iso.add_eltorito("/BOOT.;1", rr_bootcatname="boot.cat", joliet_bootcatfile="/boot.cat")
    iso.write(str(path))
    iso.close()
    return path


@pytest.mark.parametrize("with_os", [False, True])
def test_a_filled_one_holds_the_seed_and_the_image(
    shop: SiteInProcess, tmp_path: Path, with_os: bool
) -> None:
    path = tmp_path / "template.iso"
    make_template(path, SEED_FILES, os_image(tmp_path / "os.iso") if with_os else None)
    files = seed_files(shop.context.secret, SITE, node_plan())
    medium = open_template(path, SEED_FILES).filled(files)
    image = medium.read(0, medium.size)
    found = read_iso(image)
    assert {name: found[name] for name in files} == files, "by its Joliet names"
    if with_os:
        assert {name: found[name] for name in OS} == OS
    assert image[32768 + 40 : 32768 + 46] == b"CIDATA", "volume of cloud-init"
    out = tmp_path / "filled.iso"
    out.write_bytes(image)
    to = tmp_path / "out"
    order = ("xorriso", "-osirrox", "on", "-indev", str(out), "-extract", "/", str(to))
    said = subprocess.run(order, check=True, capture_output=True, text=True).stderr
    assert {path.name: path.read_bytes() for path in to.iterdir() if path.name in files} == files
    assert ("El Torito" in said) == with_os, "whether it boots was lost or made up"


def test_the_seed_is_what_its_files_hold(shop: SiteInProcess, tmp_path: Path) -> None:
    """Who mounts the medium reads them by their lengths, and nothing of the room behind."""
    path = tmp_path / "template.iso"
    make_template(path, SEED_FILES)
    files = seed_files(shop.context.secret, SITE, node_plan())
    medium = open_template(path, SEED_FILES).filled(files)
    assert len(medium.seed) == sum(map(len, files.values()))
    assert b"".join(medium.read(*span) for span in medium.seed.joined) == b"".join(
        files[name] for name in sorted(files)
    )


def test_no_secret_is_in_the_file(shop: SiteInProcess, tmp_path: Path) -> None:
    path = tmp_path / "template.iso"
    make_template(path, SEED_FILES)
    before = path.read_bytes()
    files = seed_files(shop.context.secret, SITE, node_plan())
    medium = open_template(path, SEED_FILES).filled(files)
    medium.read(0, medium.size)
    assert path.read_bytes() == before and b"OPENSSH" not in before
    assert "OPENSSH" not in repr(medium)


def test_the_same_bytes_and_validator_each_time(shop: SiteInProcess, tmp_path: Path) -> None:
    path = tmp_path / "template.iso"
    make_template(path, SEED_FILES)
    media = []
    for _ in range(2):
        make_template(path, SEED_FILES)
        files = seed_files(shop.context.secret, SITE, node_plan())
        media.append(open_template(path, SEED_FILES).filled(files))
    assert media[0].read(0, 1 << 20) == media[1].read(0, 1 << 20)
    assert media[0].tag == media[1].tag
    other = seed_files(shop.context.secret, SITE, node_plan(install_generation=2))
    assert open_template(path, SEED_FILES).filled(other).tag != media[0].tag


def test_any_part_is_the_part_of_the_whole(shop: SiteInProcess, tmp_path: Path) -> None:
    path = tmp_path / "template.iso"
    make_template(path, SEED_FILES)
    files = seed_files(shop.context.secret, SITE, node_plan())
    medium = open_template(path, SEED_FILES).filled(files)
    whole = medium.read(0, medium.size)
    first = min(start for start, _ in medium.seed.joined)
    for start, stop in ((0, 1), (first - 1, first + 1), (first + 7, first + ROOM + 3)):
        assert medium.read(start, stop) == whole[start:stop]
    assert medium.read(medium.size - 5, medium.size + 5) == whole[-5:]


def test_what_has_no_room_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "template.iso"
    make_template(path, SEED_FILES)
    template = open_template(path, SEED_FILES)
    with pytest.raises(ValueError, match=r"no room for meta\.json of 8193 bytes"):
        template.filled({"meta.json": bytes(ROOM + 1)})
    with pytest.raises(ValueError, match="no room for other"):
        template.filled({"other": b""})


def test_what_is_no_image_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "os.iso").write_bytes(bytes(100_000))
    with pytest.raises(NotReadyError, match=r"os\.iso is no ISO 9660 image"):
        make_template(tmp_path / "template.iso", SEED_FILES, tmp_path / "os.iso")
    whole = os_image(tmp_path / "cut.iso").read_bytes()
    (tmp_path / "cut.iso").write_bytes(whole[: 20 * 2048])
    with pytest.raises(NotReadyError, match=r"xorriso cannot make a medium of .*cut\.iso: "):
        make_template(tmp_path / "template.iso", SEED_FILES, tmp_path / "cut.iso")
    assert not (tmp_path / "template.iso").exists()
    with pytest.raises(NotReadyError, match="is no template of a medium"):
        open_template(tmp_path / "os.iso", SEED_FILES)
    with pytest.raises(NotReadyError, match=r"gone\.iso cannot be read"):
        make_template(tmp_path / "template.iso", SEED_FILES, tmp_path / "gone.iso")
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(NotReadyError, match="no xorriso on PATH") as caught:
        make_template(tmp_path / "template.iso", SEED_FILES)
    assert caught.value.next_step == "apt-get install xorriso"
