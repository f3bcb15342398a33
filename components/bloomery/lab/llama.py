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
from collections.abc import Callable, Iterator
from pathlib import Path

from bloomery.errors import LabError, NotReadyError
from bloomery.lab.lock import held

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
_TOOLS = ("gcc", "g++", "cmake", "ninja", "strip", "dpkg-deb", "dpkg")
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


def ensure_package(cache: Path, progress: Callable[[str], None]) -> Path:
    """The ``.deb``, built where it is missing: four minutes on two cores.

    ``cache`` is ``cache_root(env)``. A half-finished build is never used: it grows beside
    its place and is renamed when whole. Raises NotReadyError naming missing tools,
    LabError with the last words of the step that failed.
    """
    place = cache / "llama" / build_key()
    package = place / f"{PACKAGE}.deb"
    if package.is_file():
        return package
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise NotReadyError(f"{', '.join(missing)} missing", next_step="make setup")
    with held(cache / "llama" / "lock", lambda: progress("llama-server: built by another lab")):
        if not package.is_file():
            _build(place, progress)
    return package


def _build(place: Path, progress: Callable[[str], None]) -> None:
    for stale in place.parent.glob(".new-*"):
        shutil.rmtree(stale)
    draft = place.parent / f".new-{place.name}"
    draft.mkdir()
    source = _source(draft, progress)
    server = _compile(source, draft / "build", progress)
    _say_version(server)
    finished = draft / "done"
    finished.mkdir()
    shutil.move(server, finished / PACKAGE)
    _pack(finished / PACKAGE, draft / "tree", finished / f"{PACKAGE}.deb")
    shutil.rmtree(place, ignore_errors=True)
    finished.rename(place)
    shutil.rmtree(draft)
    progress("llama-server: ready")


def _source(draft: Path, progress: Callable[[str], None]) -> Path:
    progress(f"llama-server: fetching the sources ({SOURCE} {VERSION})")
    pins = draft / "pins.txt"
    pins.write_text(f"{SOURCE}=={VERSION} --hash=sha256:{SHA256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    _do([*pip, "--no-binary", SOURCE, "--dest", str(draft), "--requirement", str(pins)])
    archive = next(draft.glob("*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extractall(draft / "source", filter="data")
    return next((draft / "source").glob("*/vendor/llama.cpp"))


def _compile(source: Path, build: Path, progress: Callable[[str], None]) -> Path:
    progress("llama-server: compiling, about four minutes on two cores")
    _do(["cmake", "-S", str(source), "-B", str(build), "-G", "Ninja", *build_flags()])
    told = 0
    # a lab that is killed takes its compiler with it
    ninja = ["setpriv", "--pdeathsig", "TERM", "nice", "-n", "10", "ninja", "-C", str(build)]
    for line in _lines([*ninja, PACKAGE]):
        step = re.match(r"\[(\d+)/(\d+)\]", line)
        done = 100 * int(step[1]) // int(step[2]) if step else 0
        if done >= told + 10:
            told = done - done % 10
            progress(f"llama-server: compiled {told}%")
    server = build / "bin" / PACKAGE
    _do(["strip", str(server)])
    return server


def _say_version(server: Path) -> None:
    """A programme that does not start is not packed."""
    _do([str(server), "--version"])


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


def _lines(command: list[str]) -> Iterator[str]:
    """Output of ``command`` as it comes; LabError where it fails."""
    recent: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            recent = [*recent[-9:], line]
            yield line
    if process.returncode:
        raise LabError(_last("".join(recent)), subject=PACKAGE)


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[-3:]) or "failed without a word"
