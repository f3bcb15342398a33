"""What a shell gets for one site, and the files behind it."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from bloomery.cli import env as env_module
from bloomery.cli.env import environment, prepare_stack
from bloomery.cli.stackfile import is_slow, prepare_stack_file, stack_file
from bloomery.errors import NotReadyError
from bloomery.statedir import StateDir

PROJECT = """\
name: ai-factory
main: stacks
stackConfigDir: stacks
runtime: python
"""


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """A shell of its own: no state, no cache, the PATH of this run."""
    return {"HOME": str(tmp_path / "home with space"), "PATH": os.environ["PATH"]}


def test_state_is_private_and_made_once(shell: dict[str, str]) -> None:
    values = environment("kyiv", shell)
    state = StateDir.of("kyiv", shell)
    first = {path: path.read_bytes() for path in (state.secret, state.passphrase, state.ca)}
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(state.secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.passphrase.stat().st_mode) == 0o600
    assert environment("kyiv", shell) == values
    assert {path: path.read_bytes() for path in first} == first


def test_secret_is_in_no_variable(shell: dict[str, str]) -> None:
    values = " ".join(environment("kyiv", shell).values())
    state = StateDir.of("kyiv", shell)
    for path in (state.secret, state.passphrase):
        assert path.read_text().strip() not in values


def test_readable_passphrase_is_refused(shell: dict[str, str]) -> None:
    environment("kyiv", shell)
    StateDir.of("kyiv", shell).passphrase.chmod(0o644)
    with pytest.raises(NotReadyError, match="mode 0644"):
        environment("kyiv", shell)


def test_passphrase_in_the_shell_is_refused(shell: dict[str, str]) -> None:
    with pytest.raises(NotReadyError, match="unset PULUMI_CONFIG_PASSPHRASE"):
        environment("kyiv", {**shell, "PULUMI_CONFIG_PASSPHRASE": "x"})
    assert not StateDir.of("kyiv", shell).path.exists()


def test_own_programs_come_first_and_once(shell: dict[str, str]) -> None:
    path = environment("kyiv", shell)["PATH"]
    again = environment("kyiv", {**shell, "PATH": path})["PATH"]
    assert again == path
    assert path.split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_another_backend_by_configuration(shell: dict[str, str]) -> None:
    values = environment("kyiv", {**shell, "BLOOMERY_BACKEND_URL": "s3://states"})
    assert values["PULUMI_BACKEND_URL"] == "s3://states"
    assert not prepare_stack(values, shell, Path("/"), lab=True)


def test_second_site_replaces_the_first(shell: dict[str, str]) -> None:
    first = {**shell, **environment("kyiv", shell)}
    second = environment("lviv", first)
    assert second["PULUMI_STACK"] == second["BLOOMERY_SITE"] == "lviv"
    assert second["PULUMI_BACKEND_URL"].endswith("/lviv/backend")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Pulumi project without a programme."""
    folder = tmp_path / "project"
    (folder / "stacks").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(PROJECT)
    return folder


def test_stack_is_made_once_by_the_real_engine(shell: dict[str, str], project: Path) -> None:
    values = environment("kyiv", shell)
    below = project / "stacks"
    assert prepare_stack(values, shell, below, lab=True)
    assert not prepare_stack(values, shell, below, lab=True)
    assert (StateDir.of("kyiv", shell).backend / ".pulumi/stacks/ai-factory/kyiv.json").exists()
    command = ["pulumi", "stack", "ls", "--json"]
    answer = subprocess.run(command, cwd=project, env={**shell, **values}, capture_output=True)
    assert b'"kyiv"' in answer.stdout, answer.stderr


def test_stack_outlives_a_lost_state_directory(shell: dict[str, str], project: Path) -> None:
    """A new state has a new passphrase; the salt of the old one must not stand in its way."""
    values = environment("kyiv", shell)
    prepare_stack(values, shell, project, lab=True)
    file = project / "stacks" / "Pulumi.kyiv.yaml"
    file.write_text(file.read_text() + "# a line somebody wrote\n")
    assert "encryptionsalt" in file.read_text()
    shutil.rmtree(StateDir.of("kyiv", shell).path)
    values = environment("kyiv", shell)
    assert prepare_stack(values, shell, project, lab=True)
    shown = subprocess.run(
        ["pulumi", "config", "get", "bloomery:site"],
        cwd=project,
        env={**shell, **values},
        capture_output=True,
        text=True,
    )
    assert shown.stdout.strip() == "kyiv", shown.stderr
    assert "# a line somebody wrote" in file.read_text()


def test_another_checkout_works_on_the_same_state(shell: dict[str, str], project: Path) -> None:
    values = environment("kyiv", shell)
    prepare_stack(values, shell, project, lab=True)
    stack_file(project, "kyiv").unlink()
    assert not prepare_stack(values, shell, project, lab=True)
    assert "ai-factory:site: kyiv" in stack_file(project, "kyiv").read_text()


@pytest.mark.parametrize(("lab", "patient"), [(True, True), (False, False)])
def test_stack_file_is_written_from_the_site(project: Path, lab: bool, patient: bool) -> None:
    prepare_stack_file(project, "kyiv", lab=lab)
    config = yaml.safe_load((project / "stacks" / "Pulumi.kyiv.yaml").read_text())["config"]
    assert config["ai-factory:site"] == config["bloomery:site"] == "kyiv"
    assert ("bloomery:patience" in config) is patient


def test_machines_with_firmware_are_given_time(project: Path) -> None:
    assert is_slow(["lab-node", "lab-metal"])
    assert not is_slow(["lab-node", "lab-ghost", "dgx-h100"])
    prepare_stack_file(project, "kyiv", lab=True, slow=True)
    config = yaml.safe_load((project / "stacks" / "Pulumi.kyiv.yaml").read_text())["config"]
    assert config["bloomery:patience"] == "0.4"


def test_a_salt_that_secrets_hang_on_stays(project: Path) -> None:
    text = "encryptionsalt: v1:abc\nconfig:\n  ai-factory:key:\n    secure: v1:xyz\n"
    file = project / "stacks" / "Pulumi.kyiv.yaml"
    file.write_text(text)
    prepare_stack_file(project, "kyiv", lab=True)
    assert file.read_text() == text


def test_no_engine_says_what_to_do(shell: dict[str, str], project: Path) -> None:
    values = {**environment("kyiv", shell), "PATH": "/nowhere"}
    with pytest.raises(NotReadyError, match="pulumi is not on PATH"):
        prepare_stack(values, shell, project, lab=True)


def test_command_prints_exports_only(
    shell: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A shell that evaluates the output has exactly the values, spaces and all."""
    for name in ("PULUMI_CONFIG_PASSPHRASE", "BLOOMERY_STATE", "BLOOMERY_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", shell["HOME"])
    site = Path(__file__).parents[3] / "inventories" / "lab"
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(env_module.env)
    result = CliRunner().invoke(app, [str(site)])
    assert result.exit_code == 0, result.output
    assert all(line.startswith("export ") for line in result.stdout.splitlines())
    script = f"{result.stdout}printf '%s' \"$BLOOMERY_STATE\""
    seen = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert seen.stdout == f"{shell['HOME']}/.local/state/bloomery"
    names = [shlex.split(line)[1].split("=")[0] for line in result.stdout.splitlines()]
    assert "BLOOMERY_INVENTORIES" in names and "PULUMI_STACK" in names
