"""Files of a plan on disk: all or none, and nobody else's file is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bloomery.cli.folder import write_folder
from bloomery.cli.plan import app as plan_app
from bloomery.errors import NotReadyError
from bloomery.report.files import SUMS

ROOT = Path(__file__).parents[3]


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def listed(**files: bytes) -> dict[str, bytes]:
    """Files with the list that marks them as ours; ``a_b`` is the file ``a/b``."""
    made = {name.replace("_", "/"): data for name, data in files.items()}
    return {**made, SUMS: "".join(f"0  {name}\n" for name in made).encode()}


def test_a_folder_is_written_and_replaced(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write_folder(out, listed(one=b"1", sub_two=b"2"))
    assert tree(out) == listed(one=b"1", sub_two=b"2")
    write_folder(out, listed(three=b"3"))
    assert tree(out) == listed(three=b"3")
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, listed(one=b"1"))
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    before = tree(out)
    with pytest.raises(NotReadyError, match="holds files that no plan wrote: notes"):
        write_folder(out, listed(two=b"2"))
    assert tree(out) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(NotReadyError, match="is a file"):
        write_folder(tmp_path / "out", {})


@pytest.mark.parametrize("when", ["write", "first rename", "second rename"])
def test_a_failure_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    out = tmp_path / "out"
    write_folder(out, listed(one=b"1"))
    real = Path.rename
    calls: list[Path] = []

    def rename(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == {"first rename": 1, "second rename": 2}.get(when):
            raise OSError("no space")
        return real(self, target)

    def broken(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "rename", rename)
    if when == "write":
        monkeypatch.setattr("bloomery.cli.folder._write", broken)
    with pytest.raises(OSError, match="no space"):
        write_folder(out, listed(two=b"2"))
    assert tree(out) == listed(one=b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.add_typer(plan_app, name="plan")
    return made


def test_a_plan_with_an_error_writes_nothing(app: typer.Typer, tmp_path: Path) -> None:
    site = str(ROOT / "tests" / "golden" / "overfull")
    result = CliRunner().invoke(app, ["plan", site, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "nothing written" in result.stdout
    assert not list(tmp_path.iterdir())


def test_options_may_stand_before_the_site(app: typer.Typer, tmp_path: Path) -> None:
    lab = str(ROOT / "inventories" / "lab")
    result = CliRunner().invoke(app, ["plan", "--out", str(tmp_path / "out"), lab])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "index.html").is_file()
    assert CliRunner().invoke(app, ["plan", "show", lab]).exit_code == 0
