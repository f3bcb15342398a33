"""The disk of one host: the shared image below, the host's own changes above.

A disk is mounted only inside the mount namespace of whoever uses it (the installation,
the running guest), so nothing is left mounted when that one is killed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab.command import run
from bloomery.lab.files import read_json, write_json


@dataclass(frozen=True)
class Disk:
    """Files of one disk."""

    path: Path

    @property
    def label(self) -> Path:
        """Written last by an installation; a disk without it does not boot."""
        return self.path / "disk.json"

    @property
    def space(self) -> Path:
        """Where the changes lie; a size-limited file system while the disk is to be full."""
        return self.path / "space"

    @property
    def mount_point(self) -> Path:
        """Where the user of the disk mounts it."""
        return self.path / "root"

    def bootable(self) -> bool:
        """Whether an installation was completed."""
        return self.label.exists()

    def image(self) -> Path:
        """The tree the disk was laid from. LabError for an empty disk or a tree that is gone."""
        label = read_json(self.label)
        if label is None:
            raise LabError("no boot device")
        image = Path(str(label["image"]))
        if not image.is_dir():
            raise LabError(f"disk is unreadable: its image {image.name} is no longer in the cache")
        return image

    def wipe(self) -> None:
        """Empty the disk. The label goes first: a half-wiped disk does not boot."""
        self.label.unlink(missing_ok=True)
        self.unlimit(keep=False)
        if self.path.exists():
            shutil.rmtree(self.path)
        for folder in (self.space / "upper", self.space / "work", self.mount_point):
            folder.mkdir(parents=True)

    def finish(self, image: Path, recipe: str) -> None:
        """Write the label: the installation is complete."""
        write_json(self.label, {"image": str(image), "recipe": recipe})

    def overlay_options(self, image: Path) -> str:
        """Options of the overlay mount (kernel documentation, filesystems/overlayfs)."""
        return f"lowerdir={image},upperdir={self.space}/upper,workdir={self.space}/work"

    def limit(self, free: int) -> None:
        """Move the changes to a file system with only ``free`` bytes left."""
        self.unlimit(keep=True)
        used = int(run(["du", "-s", "--block-size=1", str(self.space)]).split()[0])
        aside = self.path / "aside"
        self.space.rename(aside)
        self.space.mkdir()
        size = f"size={used + free}"
        run(["mount", "-t", "tmpfs", "-o", f"{size},mode=0700", "bloomery-disk", str(self.space)])
        _copy(aside, self.space)
        shutil.rmtree(aside)

    def unlimit(self, *, keep: bool) -> None:
        """Move the changes back; with ``keep`` false they are dropped with the file system."""
        if not self.space.is_mount():
            return
        aside = self.path / "aside"
        if keep:
            aside.mkdir(exist_ok=True)
            _copy(self.space, aside)
        run(["umount", str(self.space)])
        if keep:
            self.space.rmdir()
            aside.rename(self.space)


def _copy(source: Path, target: Path) -> None:
    """Copy with owners and overlay's own attributes (white-outs, opaque folders)."""
    run(["cp", "-a", f"{source}/.", str(target)])
