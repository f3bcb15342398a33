"""``bloomery site new`` as somebody types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.check import review
from bloomery.cli.main import main
from bloomery.plan import make_plan
from bloomery.site import MACHINES_FILE, SITE_FILE, load

TESTS = Path(__file__).parents[2]
WORKLOAD = TESTS.parent / "docs" / "examples" / "workload.yaml"
NEW = ("site", "new", "--workload", WORKLOAD)
GOLDEN = TESTS / "golden" / "projects"


@pytest.fixture
def bloomery(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["bloomery", *map(str, words)])
        try:
            main()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        return int(code or 0), out, err  # type: ignore[call-overload]

    return run


@pytest.mark.parametrize(("number", "machines"), [(1, 71), (2, 71), (3, 147)])
def test_every_proposal_is_a_site_that_passes(
    bloomery, tmp_path: Path, number: int, machines: int
) -> None:
    made = tmp_path / "made"
    code, out, _ = bloomery(*NEW, "--choose", number, "--out", made)
    assert code == 0
    assert f"{machines} machines without identity" in out
    assert {note.id for note in review(make_plan(load(made, draft=True)))} == {"M9"}
    code, out, _ = bloomery("site", "check", "--draft", made)
    assert code == 0
    assert f"draft: {machines} machines without identity" in out


def test_a_small_proposal_has_one_switch_and_passes(bloomery, tmp_path: Path) -> None:
    text = WORKLOAD.read_text()
    for old, new in (
        ("nodes_per_su: 32", "nodes_per_su: 8"),
        ("  reserved_ports: 4\n", ""),
        ("tokens: 5 T", "tokens: 500 B"),
        ("tokens: 2 T", "tokens: 10 B"),
    ):
        assert old in text
        text = text.replace(old, new)
    asked, made = tmp_path / "small.yaml", tmp_path / "made"
    asked.write_text(text)
    code, _, _ = bloomery("site", "new", "--workload", asked, "--choose", 1, "--out", made)
    assert code == 0
    plan = make_plan(load(made, draft=True))
    assert [it.name for it in plan.fabric.switches] == ["compute-leaf-s01-r1-8"]
    assert {note.id for note in review(plan)} == {"M9"}


def test_a_draft_is_no_site_yet(bloomery, tmp_path: Path) -> None:
    made = tmp_path / "made"
    bloomery(*NEW, "--choose", 1, "--out", made)
    code, _, err = bloomery("site", "check", made)
    assert code == 2
    assert len(err.splitlines()) == 71
    assert all("not filled in" in line for line in err.splitlines())


def test_sums_are_shown_and_nothing_is_written_without_a_choice(bloomery, tmp_path: Path) -> None:
    code, out, _ = bloomery(*NEW, "--out", tmp_path / "made")
    assert code == 0
    for told in ("2.1e+24", "900 of 2,250", "68 x dgx-b200", "heat to air: 1,016.08 of 1,200 kW"):
        assert told in out
    assert max(map(len, out.splitlines())) <= 100
    assert list(tmp_path.iterdir()) == []


def test_nothing_fits(bloomery, tmp_path: Path) -> None:
    """The limiting constraint of each is named; exit code 2."""
    file = tmp_path / "workload.yaml"
    file.write_text(WORKLOAD.read_text().replace("power_kw: 2 MW", "power_kw: 500 kW"))
    made = tmp_path / "made"
    code, out, _ = bloomery("site", "new", "--workload", file, "--choose", 1, "--out", made)
    assert code == 2
    assert out.count("does not fit: power, 100 kW reserved") == 3
    assert not made.exists()


@pytest.mark.parametrize("choose", [4, 99])
def test_a_choice_that_is_none(bloomery, tmp_path: Path, choose: int) -> None:
    made = tmp_path / "made"
    code, _, err = bloomery(*NEW, "--choose", choose, "--out", made)
    assert code == 2
    assert "choose 1, 2, 3" in err
    assert not made.exists()


def test_no_site_is_overwritten(bloomery, tmp_path: Path) -> None:
    (tmp_path / SITE_FILE).write_text("mine")
    code, _, err = bloomery(*NEW, "--choose", 1, "--out", tmp_path)
    assert code == 2
    assert "holds a site already" in err
    assert (tmp_path / SITE_FILE).read_text() == "mine"
    assert not (tmp_path / MACHINES_FILE).exists()
