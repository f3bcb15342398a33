"""The provider dies with its engine: a real tree of processes, a real ``kill -9``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROVIDER = """
import asyncio, os, sys
from bloomery.provider.watch import die_with, engine_pid

async def main():
    pid = engine_pid()
    die_with(pid)
    print(os.getpid(), pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""

PROGRAMME = """
import os, time
from bloomery.provider.watch import end_programme_with_engine, engine_pid

end_programme_with_engine()
print(os.getpid(), engine_pid(), flush=True)
time.sleep(60)
"""

TREE = """
{host} -c '"$1" -c "$2"; sleep 60' language-host "$1" "$2" &
wait
"""


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("PPid:\t")[1].split()[0])


def gone(pid: int, within: float) -> bool:
    """Whether a process has ended (a zombie has) within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Callable[[str], tuple[subprocess.Popen[str], int, int]]]:
    """Starts engine > language host > provider; ends whatever of it is left, by its id."""
    mine: list[int] = []
    started: list[subprocess.Popen[str]] = []

    def start(
        name: str, child: str = PROVIDER, host_name: str = "pulumi-language-python"
    ) -> tuple[subprocess.Popen[str], int, int]:
        engine, host = tmp_path / name, tmp_path / host_name
        for copy in (engine, host):
            shutil.copy("/bin/bash", copy)
        script = TREE.format(host=host)
        process = subprocess.Popen(
            [str(engine), "-c", script, "engine", sys.executable, child],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        provider, watched = (int(word) for word in process.stdout.readline().split())
        mine.extend((provider, parent_of(provider)))
        return process, provider, watched

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    for pid in mine:
        if not gone(pid, 0.02):
            os.kill(pid, signal.SIGKILL)


def test_engine_killed_takes_the_provider_with_it(tree) -> None:
    engine, provider, watched = tree("pulumi")
    assert watched == engine.pid, "the nearest ancestor of that name, not the language host"
    engine.kill()
    engine.wait()
    assert gone(provider, 1.0)


def test_engine_killed_takes_programme_and_language_host_with_it(tree) -> None:
    engine, programme, watched = tree("pulumi", PROGRAMME)
    host = parent_of(programme)
    assert watched == engine.pid
    engine.kill()
    engine.wait()
    assert gone(programme, 1.0) and gone(host, 1.0)


def test_programme_ends_nobody_but_a_language_host(tree) -> None:
    """Started by hand or by a test, what stands above it is none of its business."""
    engine, programme, _ = tree("pulumi", PROGRAMME, "a-shell")
    host = parent_of(programme)
    engine.kill()
    engine.wait()
    assert gone(programme, 1.0)
    assert not gone(host, 0.1)


def test_without_an_engine_of_that_name_the_parent_counts(tree) -> None:
    _, provider, watched = tree("harness")
    assert watched == parent_of(provider)
    os.kill(watched, signal.SIGKILL)
    assert gone(provider, 1.0)


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_an_engine_that_is_gone_already_ends_it_at_once() -> None:
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    script = (
        "import asyncio, sys\n"
        "from bloomery.provider.watch import die_with\n"
        "async def main():\n"
        "    die_with(int(sys.argv[1])); print('still here')\n"
        "asyncio.run(main())\n"
    )
    done = run(script, str(dead.pid))
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")


def test_provider_of_an_engine_killed_while_it_started_ends_at_once() -> None:
    """Its ancestors may live for ever; but nobody listens at the engine's address."""
    script = "from bloomery.provider.main import main; main()"
    done = run(script, "--logtostderr", "--tracing", "tcp://127.83.0.9:1", "127.83.0.4:1")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")


def test_provider_says_its_port_and_serves() -> None:
    import socket

    with socket.create_server(("127.83.0.4", 0)) as engine:
        address = f"127.83.0.4:{engine.getsockname()[1]}"
        script = "from bloomery.provider.main import main; main()"
        provider = subprocess.Popen(
            [sys.executable, "-c", script, "--logflow", "-v=9", "--tracing", "tcp://x:1", address],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert provider.stdout is not None
            port = int(provider.stdout.readline())
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        finally:
            provider.kill()
            provider.wait()
            provider.stdout.close()  # type: ignore[union-attr]
