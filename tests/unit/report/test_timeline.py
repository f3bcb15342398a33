"""Journals become bars, and bars a drawing that stays inside its frame."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import scenes
from hypothesis import given
from hypothesis import strategies as st

from bloomery.report.journal import Line, bars, read_lines, took
from bloomery.report.timeline import WIDTH, clock, timeline
from bloomery.report.view import PHASES, Bar

T0 = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)


def line(seconds: float, phase: str, event: str, reason: str = "") -> Line:
    return Line(T0 + datetime.timedelta(seconds=seconds), phase, event, reason)


def test_begin_and_done_make_a_bar() -> None:
    made = bars("n1", [line(0, "bios", "begin"), line(20, "bios", "done")])
    assert [(bar.phase, bar.seconds, bar.how) for bar in made] == [("bios", 20.0, "done")]


def test_a_stuck_phase_keeps_its_reason() -> None:
    made = bars("n1", [line(0, "boot", "begin"), line(60, "boot", "stuck", "POST hangs")])
    assert (made[0].how, made[0].reason) == ("stuck", "POST hangs")


def test_a_refused_try_inside_a_phase_is_no_bar() -> None:
    """A first login that is refused is noted as stuck and then goes on."""
    lines = [
        line(0, "identify", "begin"),
        line(1, "credentials", "stuck", "refused"),
        line(2, "credentials", "verified"),
        line(3, "identify", "done"),
    ]
    assert [(bar.phase, bar.how) for bar in bars("n1", lines)] == [("identify", "done")]


def test_a_killed_phase_is_cut_and_the_last_is_open() -> None:
    lines = [
        line(0, "install", "begin"),
        line(30, "install", "intent"),
        line(90, "identify", "begin"),
        line(95, "identify", "verified"),
    ]
    made = bars("n1", lines)
    assert [(bar.phase, bar.how, bar.seconds) for bar in made] == [
        ("install", "cut", 30.0),
        ("identify", "open", 5.0),
    ]


def test_took_counts_from_the_newest_identify() -> None:
    lines = [
        line(0, "identify", "begin"),
        line(5, "identify", "stuck"),
        line(900, "identify", "begin"),
        line(905, "identify", "done"),
        line(905, "boot", "begin"),
        line(960, "boot", "done"),
    ]
    assert took(bars("n1", lines)) == 60.0
    assert took([]) is None


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "n1.jsonl"
    good = {"t": T0.isoformat(), "node": "n1", "phase": "bios", "event": "begin"}
    path.write_text(json.dumps(good) + "\n" + '{"t": "2026-11')
    assert [found.event for found in read_lines(path)] == ["begin"]
    assert read_lines(tmp_path / "none.jsonl") == ()


def test_a_long_pause_starts_a_new_panel() -> None:
    made = [bar(0, 60), bar(30, 90), bar(600, 660)]
    drawn = timeline(made, ["n1"])
    assert [panel.seconds for panel in drawn.panels] == [90.0, 60.0]
    assert drawn.earlier == 0


def test_old_sessions_are_counted_not_hidden() -> None:
    drawn = timeline([bar(3600 * hour, 3600 * hour + 30) for hour in range(5)], ["n1"])
    assert len(drawn.panels) == 3
    assert drawn.earlier == 2


def bar(start: float, end: float, how: str = "done", phase: str = "bios") -> Bar:
    second = datetime.timedelta(seconds=1)
    return Bar("n1", phase, T0 + start * second, T0 + end * second, how)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 20_000),
            st.floats(0, 4_000),
            st.sampled_from(PHASES),
            st.sampled_from(("done", "stuck", "cut", "open")),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_bar_lies_in_its_panel(found: list[tuple[float, float, str, str]]) -> None:
    drawn = timeline([bar(at, at + long, how, phase) for at, long, phase, how in found], ["n1"])
    for span in drawn.spans:
        assert any(
            panel.x - 0.1 <= span.x and span.x + span.width <= panel.x + panel.width + 2
            for panel in drawn.panels
        )
    last = drawn.panels[-1]
    assert last.x + last.width <= WIDTH + 0.1
    for panel in drawn.panels:
        assert all(panel.x <= mark.x <= panel.x + panel.width + 0.1 for mark in panel.marks)


def test_times_read_as_people_write_them() -> None:
    assert [clock(seconds) for seconds in (0, 0.34, 5.0, 45.4, 60, 185, 3723)] == [
        "0 s",
        "0.3 s",
        "5 s",
        "45 s",
        "1:00",
        "3:05",
        "1:02:03",
    ]


def test_a_scene_draws_every_phase(tmp_path: Path) -> None:
    view = scenes.good(tmp_path)
    drawn = timeline(view.bars, [node.name for node in view.nodes])
    assert [phase for phase, _ in drawn.medians] == list(PHASES)
    assert len(drawn.spans) == 4 * len(PHASES)
