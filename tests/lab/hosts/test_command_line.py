"""``bloomery lab`` as a person types it."""

from __future__ import annotations

import time

import pytest
from kit import Bench
from typer.testing import CliRunner, Result

from bloomery.cli.lab import app
from bloomery.errors import InputError, LabError


@pytest.fixture
def bench(make_bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = make_bench("typed", "ghost", 2)
    monkeypatch.setenv("BLOOMERY_STATE", made.env["BLOOMERY_STATE"])
    return made


def typed(*words: str) -> Result:
    """One command; an error of ours comes through as ``main`` would get it."""
    done = CliRunner().invoke(app, words)
    if isinstance(done.exception, LabError | InputError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def test_up_status_fault_console_down(bench: Bench) -> None:
    site = str(bench.site)
    assert "lab is up: 2 machines" in typed("up", site).output
    shown = typed("status", site).output.split("\n")
    assert shown[0].split()[:4] == ["machine", "kind", "power", "boot"]
    assert shown[1].split()[:5] == ["n01", "ghost", "Off", "None", "127.81.1.1:8443"]
    typed("fault", site, "n01", "slow", "seconds=0.01", "path=/Chassis")
    typed("fault", site, "n02", "boot-hang")
    shown = typed("status", site).output
    assert "slow seconds=0.01" in shown.replace("\n", " ")
    assert "boot-hang" in shown
    typed("fault", site, "n01", "clear", "slow")
    assert "slow" not in typed("status", site).output
    assert typed("console", site, "n01").output == ""
    bench.bmc("n01").reset("On")
    for _ in range(100):  # the machine itself writes it, a moment after its BMC took the order
        said = typed("console", site, "n01").output
        if said:
            break
        time.sleep(0.1)
    assert "power on, boot source Hdd" in said
    assert "lab removed" in typed("down", site).output
    with pytest.raises(LabError, match="the lab is not running"):
        typed("status", site)


def test_faults_are_listed_with_what_they_do() -> None:
    listed = typed("fault", "anything").output
    for name in ("boot-hang", "disk-full", "power-cut", "post-hang", "sessions-full"):
        assert name in listed


def test_a_lab_whose_site_is_gone_is_taken_down_by_name(bench: Bench) -> None:
    typed("up", str(bench.site))
    (bench.site / "site.yaml").unlink()
    with pytest.raises(InputError):
        typed("up", bench.name)
    assert "lab removed" in typed("down", bench.name).output
    assert not bench.state.lab.exists()


def test_bad_options_are_told(bench: Bench) -> None:
    site = str(bench.site)
    typed("up", site)
    with pytest.raises(InputError, match="'=5' is not KEY=VALUE"):
        typed("fault", site, "n01", "slow", "=5")
    with pytest.raises(LabError, match="has no option nonsense"):
        typed("fault", site, "n01", "slow", "nonsense=5")
