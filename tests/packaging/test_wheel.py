"""The wheel carries all it needs and works where there is no checkout."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import wheelhouse
from checkout import REPO, tracked


def run(*command: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), **env}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=clean, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheelhouse.build(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_carries_code_data_roles_and_policies(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = set()
    for path in tracked():
        name = path.relative_to(REPO)
        match name.parts:
            case ("components", "bloomery", *_):
                wanted.add(name.relative_to("components").as_posix())
            case ("ansible" | "policies", *_):
                wanted.add(f"bloomery/_content/{name.as_posix()}")
    assert any(name.startswith("bloomery/_content/ansible/roles/") for name in wanted)
    assert any(name.startswith("bloomery/_content/policies/") for name in wanted)
    assert sorted(wanted - held) == []


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel).namelist()
    assert [name for name in held if not name.startswith(("bloomery/", "bloomery-"))] == []
    assert [name for name in held if name.endswith(".pyc")] == []
    metadata = next(name for name in held if name.endswith("/METADATA"))
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    assert "License-Expression: Apache-2.0" in text


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another environment in another directory, with the wheel in it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    wheelhouse.install(wheel, folder / "venv")
    return folder


def test_no_checkout_is_behind_the_installed_package(elsewhere: Path) -> None:
    code = "import bloomery; print(bloomery.__file__)"
    seen = run(elsewhere / "venv" / "bin" / "python", "-c", code, cwd=elsewhere).stdout
    assert seen.startswith(str(elsewhere)), seen


def test_installed_content_is_found(elsewhere: Path) -> None:
    code = (
        "from bloomery.drivers.ansible.content import playbook_path; print(playbook_path('base'))"
    )
    ended = run(elsewhere / "venv" / "bin" / "python", "-c", code, cwd=elsewhere)
    path = Path(ended.stdout.strip())
    assert path.is_relative_to(elsewhere) and path.is_file(), ended.stderr


def test_installed_commands_work_from_another_repository(elsewhere: Path) -> None:
    """A site's own repository: inventories, and the installed command; nothing of ours."""
    target = elsewhere / "repository" / "inventories"
    target.mkdir(parents=True)
    (target / "lab").symlink_to(REPO / "inventories" / "lab")
    command = elsewhere / "venv" / "bin" / "bloomery"
    ended = run(command, "plan", "lab", cwd=target.parent)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "check: 10 rules passed, 69 not applicable" in ended.stdout


def test_installed_provider_answers_the_engine(elsewhere: Path) -> None:
    """An engine starts a provider and reads the port it serves on as the first line."""
    program = str(elsewhere / "venv" / "bin" / "pulumi-resource-bloomery")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(elsewhere)}
    with socket.create_server(("127.0.0.1", 0)) as engine:  # without one it ends itself
        command = [program, f"127.0.0.1:{engine.getsockname()[1]}"]
        with subprocess.Popen(
            command,
            cwd=elsewhere,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout and process.stderr
            line = process.stdout.readline()
            process.kill()
            assert line.strip().isdigit(), line + process.stderr.read()


def test_the_environment_of_this_run_is_the_checkouts_own() -> None:
    """Else the tests above would compare the wheel with itself."""
    import bloomery

    assert Path(bloomery.__file__).is_relative_to(REPO)
    assert os.path.realpath(sys.prefix) != os.path.realpath(sys.base_prefix)
