"""Templates with a manifest: every file of an installation medium, as a reader of ISO finds it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from bloomery.errors import NotReadyError
from bloomery.provider.media.manifest import MANIFEST
from bloomery.provider.media.template import make_template, open_template
from bloomery.provider.seed import SEALED_FILES


def os_image(folder: Path) -> Path:
    """A medium with folders, a link and a boot entry, as xorriso makes one."""
    tree, image = folder / "tree", folder / "os.iso"
    (tree / "pool" / "a long name with blanks").mkdir(parents=True)
    (tree / "pool" / "a long name with blanks" / "файл.deb").write_bytes(b"package" * 1000)
    (tree / "vmlinuz").write_bytes(bytes(range(256)) * 300)
    (tree / "empty").write_bytes(b"")
    (tree / "efi.img").write_bytes(b"boot" * 600)
    (tree / "stable").symlink_to("pool")
    order = ["xorriso", "-as", "mkisofs", "-quiet", "-rational-rock", "-joliet", "-volid", "OS"]
    order += ["-e", "efi.img", "-no-emul-boot", "-output", str(image), str(tree)]
    subprocess.run(order, check=True, capture_output=True)
    return image


def test_manifest_has_every_file_and_fits_what_is_read(tmp_path: Path) -> None:
    path, to = tmp_path / "signed.iso", tmp_path / "out"
    make_template(path, SEALED_FILES, os_image(tmp_path), signed=True)
    template = open_template(path, SEALED_FILES, signed=True)
    medium = template.filled({name: name.encode() for name in SEALED_FILES})
    (tmp_path / "filled.iso").write_bytes(medium.read(0, medium.size))
    order = ("xorriso", "-osirrox", "on", "-indev", str(tmp_path / "filled.iso"))
    said = subprocess.run((*order, "-extract", "/", str(to)), capture_output=True, text=True)
    assert said.returncode == 0 and "El Torito" in said.stderr
    found = {
        str(one.relative_to(to)): f"link:{one.readlink()}"
        if one.is_symlink()
        else hashlib.sha256(one.read_bytes()).hexdigest()
        for one in to.rglob("*")
        if one.is_symlink() or one.is_file()
    }
    own = {MANIFEST, *SEALED_FILES}
    listed = json.loads(template.manifest)["files"]
    assert listed == {name: digest for name, digest in found.items() if name not in own}
    assert len(listed) >= 5 and listed["stable"] == "link:pool"
    assert {name: (to / name).read_text() for name in SEALED_FILES} == {
        name: name for name in SEALED_FILES
    }
    assert (to / MANIFEST).read_bytes() == template.manifest, "as it is signed"


def test_no_template_is_left_of_what_gets_no_manifest(tmp_path: Path) -> None:
    cut = tmp_path / "cut.iso"
    cut.write_bytes(os_image(tmp_path).read_bytes()[: 17 * 2048])
    with pytest.raises(NotReadyError, match=r"no manifest can be made of .*cut\.iso"):
        make_template(tmp_path / "signed.iso", SEALED_FILES, cut, signed=True)
    assert not (tmp_path / "signed.iso").exists()
