"""Files of a plan on disk: all or none, and nobody else's file is lost."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bloomery.cli.folder import write_folder
from bloomery.cli.plan import app as plan_app
from bloomery.errors import InputError
from bloomery.report.files import SUMS

ROOT = Path(__file__).parents[3]


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def listed(**files: bytes) -> dict[str, bytes]:
    """A plan's files with the list that marks them as ours; ``a_b`` is the file ``a/b``."""
    made = {"plan.json": b"{}", **{name.replace("_", "/"): data for name, data in files.items()}}
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in made.items())
    return {**made, SUMS: "".join(lines).encode()}


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
    with pytest.raises(InputError, match="changed since: notes"):
        write_folder(out, listed(two=b"2"))
    assert tree(out) == before


def test_a_file_of_a_plan_that_was_changed_since_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, listed(one=b"1"))
    (out / "one").write_bytes(b"pulled on Monday")
    with pytest.raises(InputError, match="changed since: one"):
        write_folder(out, listed(one=b"2"))
    assert (out / "one").read_bytes() == b"pulled on Monday"


@pytest.mark.parametrize("sums", [f"{hashlib.sha256(b'x').hexdigest()}  image.iso\n", "\xff\n"])
def test_a_list_of_digests_alone_makes_no_folder_ours(tmp_path: Path, sums: str) -> None:
    (tmp_path / "image.iso").write_bytes(b"x")
    (tmp_path / SUMS).write_bytes(sums.encode("latin-1"))
    before = tree(tmp_path)
    with pytest.raises(InputError, match="SUMS, image"):
        write_folder(tmp_path, listed(two=b"2"))
    assert tree(tmp_path) == before


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_folder(tmp_path / "link", listed(one=b"1"))
    assert (tmp_path / "link").is_symlink()
    assert tree(tmp_path / "real") == listed(one=b"1")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"):
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
