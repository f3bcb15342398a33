"""Where the engine comes from, and that a half-finished one is never used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from engine import official
from engine.golang import find_go
from engine.link import link
from engine.present import MANIFEST, ask_version, in_cache, on_path
from engine.provide import provide
from engine.recipe import PARTS, VERSION, cache, fits, key, parse
from engine.shelf import DRAFT
from progress import CommandError, Progress

TOOLS = Path(__file__).parents[3] / "tools"
MakeEngine = Callable[[Path, str], Path]


def no_installer(*_: object) -> bool:
    """An official installer that cannot be reached."""
    return False


def built(toy: Path) -> int:
    """How often the toy ``go`` was asked to build."""
    log = toy / "builds"
    return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.mark.parametrize(
    ("version", "fit"),
    [
        ("3.259.0", True),
        ("v3.300.1", True),
        ("3.258.9", False),
        ("2.999.0", False),
        ("4.0.0", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_versions_that_fit(version: str, fit: bool) -> None:
    assert fits(version) is fit


def test_fitting_engine_on_path_is_used_without_any_work(
    env: dict[str, str], tmp_path: Path, engine_at: MakeEngine, say: Progress
) -> None:
    theirs = engine_at(tmp_path / "theirs", "3.300.1")
    ours = tmp_path / "venv"
    ours.mkdir()
    engine = provide({**env, "PATH": f"{theirs}:{env['PATH']}"}, ours, say, no_installer)
    assert engine.version == "3.300.1"
    assert link(engine, ours)
    assert not link(engine, ours)
    assert {(ours / name).resolve() for name in PARTS} == {theirs / name for name in PARTS}
    assert not cache(env).exists()


def test_old_engine_on_path_is_passed_over_aloud(
    env: dict[str, str],
    tmp_path: Path,
    engine_at: MakeEngine,
    toy_go: Path,
    say: Progress,
    out: StringIO,
) -> None:
    old = engine_at(tmp_path / "old", "3.100.0")
    env["PATH"] = f"{old}:{env['PATH']}"
    engine = provide(env, tmp_path, say, no_installer)
    assert engine.folder.parent == cache(env)
    assert f"{old}/pulumi is 3.100.0, wanted {VERSION} or newer" in out.getvalue()
    assert built(toy_go) == 2


def test_engine_without_its_language_host_is_passed_over(
    env: dict[str, str], tmp_path: Path, engine_at: MakeEngine
) -> None:
    folder = engine_at(tmp_path / "bare", "3.300.0")
    (folder / "pulumi-language-python").unlink()
    engine, refused = on_path({**env, "PATH": str(folder)}, tmp_path)
    assert engine is None
    assert "no Python language host" in refused[0]


def test_our_own_links_do_not_count_as_found(
    env: dict[str, str], tmp_path: Path, engine_at: MakeEngine
) -> None:
    ours = engine_at(tmp_path / "venv", "3.300.0")
    assert on_path({**env, "PATH": str(ours)}, ours) == (None, [])


def test_second_call_takes_the_cache(
    env: dict[str, str], tmp_path: Path, toy_go: Path, say: Progress
) -> None:
    first = provide(env, tmp_path, say, no_installer)
    assert provide(env, tmp_path, say, no_installer) == first
    assert built(toy_go) == 2
    assert not list(cache(env).glob(DRAFT + "*"))


@pytest.mark.parametrize("harm", ["manifest", "truncate", "lose", "mode"])
def test_harmed_cache_is_made_again(
    env: dict[str, str], tmp_path: Path, toy_go: Path, say: Progress, harm: str
) -> None:
    folder = provide(env, tmp_path, say, no_installer).folder
    match harm:
        case "manifest":
            (folder / MANIFEST).unlink()
        case "truncate":
            (folder / "pulumi").write_bytes((folder / "pulumi").read_bytes()[:-3])
        case "lose":
            (folder / "pulumi-language-python-exec").unlink()
        case "mode":
            (folder / "pulumi").chmod(0o644)
    assert in_cache(cache(env), "modules") is None
    assert provide(env, tmp_path, say, no_installer).folder == folder
    assert built(toy_go) == 4
    assert in_cache(cache(env), "modules")


def test_failed_build_leaves_nothing_and_shows_why(
    env: dict[str, str], tmp_path: Path, toy_go: Path, say: Progress
) -> None:
    (toy_go / "broken").touch()
    with pytest.raises(CommandError, match="pulumi failed with exit code 2") as caught:
        provide(env, tmp_path, say, no_installer)
    assert "no space left on device" in caught.value.tail[-1]
    assert [path.name for path in cache(env).iterdir()] == [".lock"]


def _start(env: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    # curl is hidden, so the official installer is passed over without a look at the network
    hidden = {**env, "PYTHONPATH": str(TOOLS), "PYTHONDONTWRITEBYTECODE": "1"}
    system = Path(env["PATH"].split(":")[-1])
    (system / "curl").unlink(missing_ok=True)
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "engine", str(folder)],
        env=hidden,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_killed_build_is_never_used(env: dict[str, str], tmp_path: Path, toy_go: Path) -> None:
    """Kill set-up in the middle; the next one removes the remains and builds anew."""
    (toy_go / "slow").touch()
    victim = _start(env, tmp_path / "venv")
    limit = time.monotonic() + 20
    while not built(toy_go) and time.monotonic() < limit:
        time.sleep(0.05)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.communicate()
    assert list(cache(env).glob(DRAFT + "*"))
    assert not (cache(env) / key("modules")).exists()

    (toy_go / "slow").unlink()
    heir = _start(env, tmp_path / "venv")
    printed, _ = heir.communicate(timeout=30)
    assert heir.returncode == 0, printed
    assert "official installer not used: curl is not installed" in printed
    assert not list(cache(env).glob(DRAFT + "*"))
    assert ask_version(tmp_path / "venv" / "pulumi", env) == VERSION


def test_two_at_once_build_once(env: dict[str, str], tmp_path: Path, toy_go: Path) -> None:
    both = [_start(env, tmp_path / "one"), _start(env, tmp_path / "two")]
    for one in both:
        printed, _ = one.communicate(timeout=30)
        assert one.returncode == 0, printed
    assert built(toy_go) == 2


INSTALLER = """
[ "$1" = --version ] && [ "$3" = --install-root ] && [ "$5" = --no-edit-path ] || exit 9
mkdir -p "$4/bin"
for name in pulumi pulumi-language-python pulumi-language-python-exec; do
    printf '#!/bin/sh\\necho v%s\\n' "${SAYS:-$2}" > "$4/bin/$name"
    chmod 755 "$4/bin/$name"
done
"""


def _install(env: dict[str, str], tmp_path: Path, say: Progress, url: str = "") -> bool:
    script = tmp_path / "install.sh"
    script.write_text(INSTALLER)
    cache(env).mkdir(parents=True)
    return official.install(cache(env), env, say, url or script.as_uri())


def test_official_installer_fills_the_cache(
    env: dict[str, str], tmp_path: Path, say: Progress
) -> None:
    assert _install(env, tmp_path, say)
    engine = in_cache(cache(env), "official")
    assert engine is not None and ask_version(engine.parts["pulumi"], env) == VERSION
    assert provide(env, tmp_path, say, no_installer) == engine


def test_official_installer_of_another_version_is_refused(
    env: dict[str, str], tmp_path: Path, say: Progress, out: StringIO
) -> None:
    assert not _install({**env, "SAYS": "3.1.0"}, tmp_path, say)
    assert f"did not install {VERSION} completely" in out.getvalue()
    assert in_cache(cache(env), "official") is None


def test_unreachable_installer_is_said_and_costs_little(
    env: dict[str, str], tmp_path: Path, say: Progress, out: StringIO
) -> None:
    began = time.monotonic()
    assert not _install(env, tmp_path, say, "http://127.0.0.1:9/")
    assert time.monotonic() - began < official.REACH_TIMEOUT_S + 1
    assert "official installer not used: curl: (7)" in out.getvalue()


@pytest.mark.parametrize("version", ["go1.21.4", "go1.25", "gibberish", ""])
def test_go_that_does_not_fit_is_passed_over(
    env: dict[str, str],
    tmp_path: Path,
    program: Callable[[Path, str], Path],
    say: Progress,
    out: StringIO,
    version: str,
) -> None:
    program(tmp_path / "system" / "go", f"echo {version}")
    assert find_go(env, say) is None
    assert f"is {version or 'broken'}, wanted 1.26.0" in out.getvalue()


def test_go_that_fits_is_used(
    env: dict[str, str], tmp_path: Path, program: Callable[[Path, str], Path], say: Progress
) -> None:
    go = program(tmp_path / "system" / "go", "echo go1.26")
    assert find_go(env, say) == str(go)


def test_changed_recipe_is_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key("modules")
    for name in ("cli/go.mod", "cli/go.sum", "host/go.mod", "host/go.sum"):
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((TOOLS / "engine" / name).read_bytes())
    monkeypatch.setattr("engine.recipe.HERE", tmp_path)
    assert key("modules") == before
    (tmp_path / "host" / "go.sum").write_text("")
    assert key("modules") != before
    assert key("official") != before


def test_engine_and_sdk_are_one_version() -> None:
    lock = (TOOLS.parent / "requirements.txt").read_text()
    assert f"\npulumi=={VERSION} " in lock
    assert f"pulumi/pkg/v3 v{VERSION} " in (TOOLS / "engine" / "cli" / "go.mod").read_text()
    assert parse(VERSION)
