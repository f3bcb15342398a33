"""Which measurement files are read, and what is said of the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sealing import RECAP, facts, measure, sealed

from bloomery.errors import EvidenceError
from bloomery.evidence.measurement import read_measurements, read_one
from bloomery.records import Outcome


def changed(path: Path, **changes: object) -> Path:
    """The measurement with other fields; None takes one away."""
    body = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in body.items() if value is not None}))
    return path


def test_verdicts_and_attachments_are_read(tmp_path: Path) -> None:
    found = read_one(measure(tmp_path, 4)).measurement
    assert [verdict.outcome for verdict in found.verdicts] == [Outcome.PASS] * 2
    assert found.attachments == (RECAP,)


def test_a_measurement_without_a_schema_is_one_of_the_first(tmp_path: Path) -> None:
    """Schema 1 had fields of its own instead of attachments."""
    path = changed(measure(tmp_path, 4), schema=None, attachments=None, answer="4711", runs={})
    found = read_one(path).measurement
    assert len(found.verdicts) == 2
    assert found.attachments == ()


@pytest.mark.parametrize("schema", [3, 0])
def test_another_schema_is_refused_with_its_reason(tmp_path: Path, schema: int) -> None:
    path = changed(measure(tmp_path, 4), schema=schema)
    with pytest.raises(EvidenceError) as refused:
        read_measurements(tmp_path)
    said = str(refused.value)
    assert said.startswith(f"{path.name}: a measurement of schema {schema}; ")
    assert "this release reads schemas 1 and 2; next: use the release that wrote it" in said


def test_the_schema_is_the_reason_whatever_else_is_in_the_file(tmp_path: Path) -> None:
    """A later release may name everything differently."""
    path = changed(measure(tmp_path, 4), schema=3, verdicts=None, time=None)
    with pytest.raises(EvidenceError, match="of schema 3"):
        read_one(path)


def test_a_measurement_of_another_schema_is_not_sealed(tmp_path: Path) -> None:
    changed(measure(tmp_path, 4), schema=3)
    with pytest.raises(EvidenceError, match="of schema 3"):
        sealed(tmp_path, facts(tmp_path, ()))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"schema": "two"}, "not a measurement: schema: "),
        ({"verdicts": None}, "not a measurement: verdicts: Field required"),
        ({"attachments": [{"kind": "x"}]}, "not a measurement: attachments.0.title: "),
    ],
)
def test_a_file_of_another_shape_is_no_measurement(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    path = changed(measure(tmp_path, 4), **changes)
    with pytest.raises(EvidenceError) as refused:
        read_one(path)
    assert says in str(refused.value)
