"""What set-up finds, what it refuses, and that it does nothing twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from environment import untouched

from prepare import python, survey, system
from prepare.survey import Machine
from prepare.system import Wish
from progress import CommandError, Progress

ROOT = Path(__file__).parents[3]
NOBODY = 65534
WISH = Wish("no-such-package", "lab", ("no-such-command",), "shows what refusal looks like")


def test_every_wish_has_a_part_and_a_reason() -> None:
    wishes = system.read_wishes(ROOT / "tools" / "packages.txt")
    assert len({wish.package for wish in wishes}) == len(wishes) > 15
    assert {wish.part for wish in wishes} == {"setup", "build", "lab", "tests"}
    assert all(len(wish.reason.split()) >= 3 for wish in wishes)


def test_a_command_on_path_stands_in_for_its_package(env: dict[str, str]) -> None:
    assert system.missing([WISH], env) == [WISH]
    stand_in = Wish("no-such-package", "lab", ("no-such-command", "sleep"), "any of them will do")
    assert system.missing([stand_in], env) == []


def test_installed_packages_are_known_to_dpkg() -> None:
    found = system.installed(["dpkg", WISH.package], os.environ)
    assert found == ({"dpkg"} if shutil.which("dpkg-query") else set())


def test_services_of_packages_are_masked_before_they_are_installed(tmp_path: Path) -> None:
    """Of those only that are to be installed; a unit that is there stays."""
    units = tmp_path / "systemd" / "system"
    assert system.mask(["make"], units) == []
    assert system.mask(["make", "opensm"], units) == ["opensm.service"]
    assert (units / "opensm.service").readlink() == Path("/dev/null")
    (units / "opensm.service").unlink()
    (units / "opensm.service").write_text("[Service]\n")
    assert system.mask(["opensm"], units) == []
    assert (units / "opensm.service").read_text() == "[Service]\n"


@pytest.mark.parametrize(
    ("text", "debian"),
    [
        ("ID=debian\n", True),
        ('ID=ubuntu\nID_LIKE="debian"\n', True),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True),
        ('ID=fedora\nID_LIKE="rhel"\n', False),
        ("", False),
    ],
)
def test_systems_we_can_install_on(tmp_path: Path, text: str, debian: bool) -> None:
    (tmp_path / "os-release").write_text(text)
    assert system.is_debian(tmp_path / "os-release") is debian


def test_nothing_missing_is_no_refusal_even_without_root() -> None:
    assert survey.refusal([], [], Machine(debian=False, root=False)) == []


def test_root_on_debian_goes_on() -> None:
    assert survey.refusal([WISH], [], Machine(debian=True, root=True)) == []


def test_without_root_all_that_is_missing_is_said_at_once() -> None:
    text = "\n".join(
        survey.refusal([WISH], ["6 GB of free space"], Machine(debian=True, root=False))
    )
    assert "no-such-package" in text and WISH.reason in text
    assert "6 GB of free space" in text
    assert "Nothing was changed." in text
    assert "apt-get install --no-install-recommends no-such-package" in text


def test_another_system_is_told_the_commands() -> None:
    text = "\n".join(survey.refusal([WISH], [], Machine(debian=False, root=True)))
    assert "Debian and Ubuntu only" in text and "no-such-command" in text
    assert "apt-get" not in text


def test_no_space_for_the_engine_stops_root_too(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert survey.space(env, tmp_path) == []
    monkeypatch.setattr(survey, "ENGINE_SPACE_GB", 10**9)
    short = survey.space(env, tmp_path)
    assert len(short) == 1 and "free space" in short[0]
    assert survey.refusal([], short, Machine(debian=True, root=True))[-1] == "Nothing was changed."


def test_pins_are_read_from_the_lock() -> None:
    pins = python.pins(ROOT / "requirements-dev.txt")
    assert pins["pulumi"] == "3.259.0"
    assert "typing-extensions" in pins and len(pins) > 90


def _distribution(packages: Path, name: str, version: str) -> Path:
    info = packages / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").touch()
    return info


def test_packages_are_looked_for_where_they_should_be(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("one-two==1.0 \\\n    --hash=sha256:00\nother==2.1 \\\n    --hash=sha256:11\n")
    _distribution(tmp_path, "one_two", "1.0")
    stale = _distribution(tmp_path, "Other", "2.0")
    assert python.lacking(lock, tmp_path) == ["other==2.1"]
    shutil.rmtree(stale)
    broken = _distribution(tmp_path, "Other", "2.1")
    assert python.lacking(lock, tmp_path) == []
    (broken / "RECORD").unlink()
    assert python.lacking(lock, tmp_path) == ["other==2.1"]


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """An environment that says it is linked to ``tmp_path``."""
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    packages = tmp_path / ".venv" / "packages"
    info = _distribution(packages, "bloomery", "0.1.0")
    origin = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    (tmp_path / ".venv" / "bin").mkdir()
    (tmp_path / ".venv" / "bin" / "bloomery").touch()
    stamp = python._digest(tmp_path / "pyproject.toml")
    (tmp_path / ".venv" / python.STAMP).write_text(stamp + "\n")
    return packages


def test_linked_checkout_is_left_alone(tmp_path: Path, linked: Path) -> None:
    assert python.is_linked(tmp_path, tmp_path / ".venv", linked)


@pytest.mark.parametrize("change", ["project", "moved", "script", "stamp", "gone"])
def test_every_change_links_the_checkout_again(tmp_path: Path, linked: Path, change: str) -> None:
    venv, root = tmp_path / ".venv", tmp_path
    match change:
        case "project":
            (root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
        case "moved":
            root = tmp_path / "elsewhere"
            root.mkdir()
            (root / "pyproject.toml").write_text("[project]\n")
        case "script":
            (venv / "bin" / "bloomery").unlink()
        case "stamp":
            (venv / python.STAMP).unlink()
        case "gone":
            shutil.rmtree(linked / "bloomery-0.1.0.dist-info")
    assert not python.is_linked(root, venv, linked)


def test_checkout_is_compiled_whatever_the_environment_says(tmp_path: Path, say: Progress) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    module = tmp_path / "components" / "one" / "two.py"
    module.parent.mkdir(parents=True)
    module.write_text("x = 1\n")
    env = {"PYTHONDONTWRITEBYTECODE": "1"}
    python.compile_checkout(tmp_path, tmp_path / ".venv", env, say)
    assert len(list(module.parent.glob("__pycache__/two.*.pyc"))) == 1
    module.write_text("x = (\n")
    os.utime(module, (0, 0))  # it tells a change by the second
    with pytest.raises(CommandError, match="compiling this checkout failed") as caught:
        python.compile_checkout(tmp_path, tmp_path / ".venv", env, say)
    assert any("two.py" in line for line in caught.value.tail)


def test_environment_without_a_working_python_counts_as_none(tmp_path: Path) -> None:
    assert python.site_packages(tmp_path / ".venv") is None
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    assert python.site_packages(tmp_path / ".venv") is None


def test_failed_command_shows_its_end(say: Progress) -> None:
    with pytest.raises(CommandError, match="reading failed with exit code 3") as caught:
        say.run("reading", ["sh", "-c", "echo first; echo reason >&2; exit 3"])
    assert caught.value.tail == ("first", "reason")


def test_long_commands_show_a_sign_of_life(
    say: Progress, out: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("progress.LOG_PERIOD_S", 0.1)
    say.run("waiting", ["sh", "-c", "echo half; sleep 0.5"])
    assert "waiting  0:00  half" in out.getvalue()


@pytest.fixture
def checkout() -> Iterator[Path]:
    """The parts of a checkout set-up reads, where every user can see them."""
    folder = Path(tempfile.mkdtemp(prefix="bloomery-setup-"))
    folder.chmod(0o755)
    shutil.copytree(
        ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__", "bench")
    )
    for name in ("pyproject.toml", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder)
    yield folder
    shutil.rmtree(folder)


def _tree(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def test_set_up_without_root_changes_nothing(checkout: Path) -> None:
    with (checkout / "tools" / "packages.txt").open("a") as wishes:
        wishes.write("no-such-package lab no-such-command shows what refusal looks like\n")
    before = _tree(checkout)
    user = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
    ended = subprocess.run(
        [str(checkout / "tools" / "setup")],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        **user,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1, said
    assert "no-such-package" in said
    assert "Nothing was changed." in said
    assert _tree(checkout) == before


def test_set_up_does_nothing_twice() -> None:
    """The bar is ten seconds; one is usual. ``make test`` has set up before this runs."""
    venv = ROOT / ".venv"
    packages = python.site_packages(venv)
    assert packages and python.is_linked(ROOT, venv, packages), "run make setup first"
    assert python.lacking(ROOT / "requirements-dev.txt", packages) == [], "run make setup first"
    began = time.monotonic()
    with untouched(venv):
        ended = subprocess.run([str(ROOT / "tools" / "setup")], capture_output=True, text=True)
    assert time.monotonic() - began < 10
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "present, as locked" in ended.stdout
    assert "linked to this checkout\n" in ended.stdout
    assert "installed" not in ended.stdout
