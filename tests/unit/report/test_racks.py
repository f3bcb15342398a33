"""Rack elevations: bottom up, nothing outside, nothing on top of each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import scenes

from bloomery.report.racks import elevation


@pytest.mark.parametrize("scene", ["good", "many"])
def test_boxes_stand_where_the_plan_says(tmp_path: Path, scene: str) -> None:
    for rack in scenes.SCENES[scene](tmp_path).racks:
        drawn = elevation(rack)
        boxes = sorted(drawn.boxes, key=lambda box: box.node.unit)
        assert [box.y for box in boxes] == sorted((box.y for box in boxes), reverse=True)
        for lower, upper in pairwise(boxes):
            assert upper.y + upper.height <= lower.y + 0.01
        assert boxes[0].y + boxes[0].height <= drawn.height
        assert boxes[-1].y >= 0


def test_a_machine_of_one_unit_has_room_for_its_name_in_a_tall_rack(tmp_path: Path) -> None:
    rack = scenes.good(tmp_path).racks[0]
    tall = elevation(replace(rack, units=48))
    assert min(box.height for box in tall.boxes) >= 14


def test_a_lone_rack_is_cut_above_its_machines(tmp_path: Path) -> None:
    rack = replace(scenes.good(tmp_path).racks[0], units=42)
    drawn = elevation(rack, alone=True)
    assert drawn.cut == 35
    assert drawn.height < elevation(rack).height / 2
    assert elevation(rack).cut == 0
