"""``plan --netbox-existing``: what is there is left out of the files; what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bloomery.cli.plan import app
from bloomery.errors import FaultsError, InputError

ROOT = Path(__file__).parents[3]
EXPORT = ROOT / "tests" / "replies" / "netbox"


@pytest.fixture(autouse=True)
def _inventories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_what_is_there_is_left_out(tmp_path: Path) -> None:
    """The export has two devices, and two cables of which one is in two."""
    out = tmp_path / "out"
    args = ["show", "example-su1", "--out", str(out), "--netbox-existing", str(EXPORT)]
    done = CliRunner().invoke(app, args, catch_exceptions=False)
    assert done.exit_code == 0
    written = {path.name for path in out.glob("netbox/*/*.csv")}
    assert not written & {"01-manufacturers.csv", "03-device-roles.csv", "04-sites.csv"}
    devices = (out / "netbox/site/07-devices.csv").read_text().splitlines()
    assert len(devices) == 1 + 61 and not devices[1].startswith("b200-01,")
    cables = [path.read_text().splitlines() for path in out.glob("netbox/site/*cables.csv")]
    assert sum(len(lines) - 1 for lines in cables) == 560 - 2


def test_it_is_about_files() -> None:
    with pytest.raises(InputError, match="--netbox-existing is about files"):
        CliRunner().invoke(
            app, ["show", "example-su1", "--netbox-existing", str(EXPORT)], catch_exceptions=False
        )


def test_a_folder_without_exports_leaves_nothing_written(tmp_path: Path) -> None:
    args = ["show", "example-su1", "--out", str(tmp_path / "out")]
    with pytest.raises(FaultsError) as told:
        CliRunner().invoke(app, [*args, "--netbox-existing", str(tmp_path)], catch_exceptions=False)
    assert len(told.value.faults) == 9 and not (tmp_path / "out").exists()
