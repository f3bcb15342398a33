"""llama-server as a Debian package for the lab's depot: built once, cached.

llama.cpp's own sources come inside the source distribution of llama-cpp-python, which
the ordinary package index carries; its digest is pinned. The programme is linked
statically, so that one build runs in every guest image. As a package it is covered by
the depot's signature like everything else a host installs.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bloomery.errors import LabError, NotReadyError
from bloomery.lab.cgroup import Cgroup
from bloomery.lab.lock import held
from bloomery.lab.worker import follow

SOURCE = "llama-cpp-python"
VERSION = "0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
"""Digest of the source distribution; pip refuses any other."""

PACKAGE = "llama-server"

FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    # -O1: it serves models of a few megabytes here, and compiles in half the time of -O3
    "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG",
    "-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG",
    # one file for every guest image, whatever its C library
    "-DCMAKE_EXE_LINKER_FLAGS=-static",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DGGML_OPENMP=OFF",
    # not the builder's CPU but a stated one: the package may run elsewhere
    "-DGGML_NATIVE=OFF",
    # both default to ON and would download a user interface
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_OPENSSL=OFF",
)

_CPU_FLAGS = {"avx2": "-DGGML_AVX2=ON", "fma": "-DGGML_FMA=ON", "f16c": "-DGGML_F16C=ON"}
_CPU_OFF = {"avx2": "-DGGML_AVX2=OFF", "fma": "-DGGML_FMA=OFF", "f16c": "-DGGML_F16C=OFF"}
_TOOLS = ("gcc", "g++", "cmake", "ninja", "strip", "dpkg-deb", "apt-ftparchive")
_DATE = "1767225600"
"""Time stamp inside the package, 2026-01-01 UTC: the same build gives the same bytes."""


def build_key() -> str:
    """What the build depends on: sources, flags, processor. 16 hex digits."""
    recipe = json.dumps([SHA256, build_flags(), platform.machine()])
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


def build_flags() -> list[str]:
    """Flags for this machine's kind of processor."""
    if platform.machine() != "x86_64":
        return list(FLAGS)
    has = set(re.findall(r"\w+", Path("/proc/cpuinfo").read_text()))
    return [*FLAGS, *(flag if name in has else _CPU_OFF[name] for name, flag in _CPU_FLAGS.items())]


def package_path(files: Path) -> Path:
    """Place of the ``.deb`` below ``files``, the folder the depot serves."""
    return files / f"llama-{build_key()}" / f"{PACKAGE}.deb"


def ensure_package(
    cache: Path, files: Path, builder: Cgroup, progress: Callable[[str], None]
) -> Path:
    """The ``.deb``, built where it is missing: four minutes on two cores.

    Drafts grow in ``cache`` and are renamed into ``files`` when whole, so a half-finished
    build is never used. The compiler runs in the control group ``builder``, so that
    ``down`` finds it. Raises NotReadyError naming missing tools, LabError with the last
    words of the step that failed.
    """
    package = package_path(files)
    if package.is_file():
        return package
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise NotReadyError(f"{', '.join(missing)} missing", next_step="make setup")
    waiting = "llama-server: waiting for another lab that builds it"
    with held(cache / "llama.lock", lambda: progress(waiting)) as lock:
        if not package.is_file():
            _build(cache / "llama-draft", package, _Crew(builder, lock, progress))
    return package


@dataclass(frozen=True)
class _Crew:
    """Who builds, and who hears of it."""

    group: Cgroup
    lock: int
    progress: Callable[[str], None]


def _build(draft: Path, package: Path, crew: _Crew) -> None:
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    source = _source(draft, crew)
    server = _compile(source, draft / "build", crew)
    _do([str(server), "--version"])  # what does not start is not packed
    finished = draft / "done"
    finished.mkdir()
    _pack(server, draft / "tree", finished / package.name)
    shutil.rmtree(package.parent, ignore_errors=True)
    package.parent.parent.mkdir(parents=True, exist_ok=True)
    finished.rename(package.parent)
    shutil.rmtree(draft)
    crew.progress("llama-server: ready")


def _source(draft: Path, crew: _Crew) -> Path:
    crew.progress(f"llama-server: fetching the sources ({SOURCE} {VERSION})")
    pins = draft / "pins.txt"
    pins.write_text(f"{SOURCE}=={VERSION} --hash=sha256:{SHA256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    wanted = ["--no-binary", SOURCE, "--dest", str(draft), "--requirement", str(pins)]
    follow([*pip, *wanted], crew.group, crew.lock, lambda _: None)
    archive = next(draft.glob("*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extractall(draft / "source", filter="data")
    return next((draft / "source").glob("*/vendor/llama.cpp"))


def _compile(source: Path, build: Path, crew: _Crew) -> Path:
    crew.progress("llama-server: compiling, about four minutes on two cores")
    _do(["cmake", "-S", str(source), "-B", str(build), "-G", "Ninja", *build_flags()])
    ninja = ["nice", "-n", "10", "ninja", "-C", str(build), PACKAGE]
    follow(ninja, crew.group, crew.lock, _Percent(crew.progress).line)
    server = build / "bin" / PACKAGE
    _do(["strip", str(server)])
    return server


class _Percent:
    """Says how far the compiler is, every ten per cent."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._told = 0

    def line(self, text: str) -> None:
        """One line of ninja."""
        step = re.match(r"\[(\d+)/(\d+)\]", text)
        done = 10 * int(step[1]) // int(step[2]) * 10 if step else 0
        if done > self._told:
            self._told = done
            self._progress(f"llama-server: compiled {done}%")


def _pack(server: Path, tree: Path, package: Path) -> None:
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr/bin").mkdir(parents=True)
    shutil.copy(server, tree / "usr/bin" / PACKAGE)
    (tree / "usr/bin" / PACKAGE).chmod(0o755)
    machine = _do(["dpkg", "--print-architecture"]).strip()
    (tree / "DEBIAN/control").write_text(
        f"Package: {PACKAGE}\n"
        f"Version: {VERSION}+{build_key()[:8]}\n"
        f"Architecture: {machine}\n"
        "Section: misc\n"
        "Priority: optional\n"
        "Maintainer: bloomery lab <lab@invalid>\n"
        "Description: llama.cpp's server, built by the lab\n"
        " Serves a GGUF model through an OpenAI-compatible API.\n"
    )
    # gzip is quick, and the file never leaves this machine
    command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build"]
    _do([*command, str(tree), str(package)], SOURCE_DATE_EPOCH=_DATE)


def _do(command: list[str], **env: str) -> str:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, **env},
    )
    if done.returncode:
        raise LabError(_last(done.stderr or done.stdout), subject=Path(command[0]).name)
    return done.stdout


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[-3:]) or "failed without output"
