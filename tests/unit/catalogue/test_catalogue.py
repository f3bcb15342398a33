"""The catalogue: every entry loads, is called by its file's name, and names its sources."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from pydantic import ValidationError

from bloomery.catalogue import (
    Figure,
    NodeModel,
    node_model,
    node_models,
    release,
    releases,
    switch_model,
    switch_models,
)
from bloomery.catalogue.cdu import cdu_models
from bloomery.catalogue.netbox import NetboxNames
from bloomery.catalogue.pdu import pdu_model, pdu_models
from bloomery.catalogue.port_scheme import Front, naming
from bloomery.catalogue.rack_part import rack_part, rack_parts
from bloomery.site.metal.sheet import Pool

FIGURES = (
    "height_u",
    "power_kw",
    "peak_kw",
    "liquid_share",
    "weight_kg",
    "gpus",
    "gpu_memory_gb",
    "psus",
    "psus_needed",
    "psu_kw",
)


def test_what_the_lab_and_the_planner_rely_on() -> None:
    assert node_model("lab-node").virtual == "guest"
    assert node_model("lab-ghost").virtual == "ghost"
    assert {"cpu-node", "management-node", "storage-node"} <= set(node_models())
    assert {"dgx-h100", "dgx-h200", "dgx-b200", "dgx-b300"} <= set(node_models())
    assert {"gb200-nvl72", "gb300-nvl72", "hgx-b200", "mi300x"} <= set(node_models())
    lab = release("lab-2026.11")
    assert lab.medium("https://127.0.0.1:1/media/") == (
        "https://127.0.0.1:1/media/bloomery-lab-2026.11.iso"
    )
    assert {"slurmctld", "python3-torch", "prometheus-node-exporter"} <= set(lab.packages)


@pytest.mark.parametrize("key", node_models())
def test_model_stands_in_the_file_of_its_name(key: str) -> None:
    assert node_model(key).key == key


@pytest.mark.parametrize("name", releases())
def test_release_stands_in_the_file_of_its_name(name: str) -> None:
    assert release(name).name == name


@pytest.mark.parametrize("key", [key for key, it in node_models().items() if it.height_u])
def test_height_is_whole(key: str) -> None:
    figure = node_model(key).height_u
    assert figure is not None
    assert node_model(key).height == figure.value


def test_a_model_without_a_figure_asks_the_site_for_it() -> None:
    assert set(node_model("hgx-b200").asks) == {"power_kw", "height_u", "liquid_share"}
    bare = {"key": "x", "title": "x", "virtual": "none"}
    with pytest.raises(ValidationError, match="height_u, power_kw"):
        NodeModel.model_validate(bare)
    NodeModel.model_validate({**bare, "asks": ["height_u", "power_kw"]})


@pytest.mark.parametrize("key", [key for key, it in node_models().items() if it.rack])
def test_a_rack_of_trays_adds_up_to_the_vendors_gpus(key: str) -> None:
    """NVL72: 72 GPUs in one rack, whatever a tray holds."""
    model = node_model(key)
    assert model.rack is not None
    assert model.gpus is not None
    assert model.rack.trays.value * model.gpus.value == 72
    assert model.power_kw is None


@pytest.mark.parametrize("key", [key for key, it in node_models().items() if it.rack])
def test_the_other_parts_of_a_rack_are_in_the_catalogue(key: str) -> None:
    rack = node_model(key).rack
    assert rack is not None and rack.nvlink_trays is not None and rack.shelves is not None
    assert rack.nvlink_trays.value == 9
    assert rack_part(rack.nvlink_tray).kind == "nvlink"
    assert rack_part(rack.shelf).kind == "shelf"


@pytest.mark.parametrize("key", rack_parts())
def test_a_rack_part_stands_in_the_file_of_its_name(key: str) -> None:
    assert rack_part(key).key == key
    with pytest.raises(KeyError):
        rack_part(f"{key}-x")


@pytest.mark.parametrize("key", pdu_models())
def test_a_pdu_stands_in_the_file_of_its_name(key: str) -> None:
    found = pdu_model(key)
    assert found.key == key
    assert found.phases.value in (1, 3)
    with pytest.raises(KeyError):
        pdu_model(f"{key}-x")


@pytest.mark.parametrize("name", releases())
def test_packages_are_named_once(name: str) -> None:
    found = release(name)
    for names in (found.base, found.packages, found.files):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", [key for key, it in node_models().items() if it.psus is not None])
def test_power_supplies_carry_the_nameplate(key: str) -> None:
    """A vendor's own figures must agree with each other: those that must work carry it all."""
    model = node_model(key)
    assert model.psus is not None
    assert model.psus_needed is not None
    assert model.psu_kw is not None
    assert model.power_kw is not None
    assert model.psus_needed.value * model.psu_kw.value >= model.power_kw.value
    assert model.psus_needed.value < model.psus.value


def test_unknown_names_are_key_errors() -> None:
    with pytest.raises(KeyError):
        node_model("dgx-b20")
    with pytest.raises(KeyError):
        release("lab")


def test_a_figure_needs_a_source() -> None:
    with pytest.raises(ValidationError):
        Figure.model_validate({"value": 3})
    with pytest.raises(ValidationError):
        Figure(value=3, source="")


def test_every_quantity_of_a_model_is_a_figure() -> None:
    """A bare number in the YAML is refused, so none can come without its source."""
    data = node_model("dgx-b200").model_dump()
    for name in FIGURES:
        with pytest.raises(ValidationError):
            NodeModel.model_validate({**data, name: 3})


def test_entries_are_frozen() -> None:
    with pytest.raises(ValidationError):
        node_model("lab-node").title = "other"  # type: ignore[misc]


@pytest.mark.parametrize("key", [key for key, it in node_models().items() if it.asks])
def test_what_a_model_asks_for_is_a_key_of_a_pool(key: str) -> None:
    asks = set(node_model(key).asks)
    assert asks <= set(Pool.model_fields)
    given = {name for name in asks if getattr(node_model(key), name) is not None}
    assert not given, "a figure with a source need not be asked for"


LIBRARY = {
    "q3400": ("Nvidia", "Q3400-RA", "nvidia-q3400-ra", {"p01/1": "sw1p1", "p72/2": "sw72p2"}),
    "qm9700": ("Nvidia", "QM9700", "nvidia-qm9700", {"p01/1": "P0.0", "p32/2": "P31.1"}),
    "sn5600": ("Nvidia", "SN5600", "nvidia-sn5600", {"p64/1": "swp64s0", "p01/2": "swp1s1"}),
    "sn2201": ("Nvidia", "SN2201", "nvidia-sn2201", {"p11": "swp11", "p49": "swp49"}),
    "sn4600c": ("Mellanox", "SN4600C", "mellanox-sn4600c", {"p03": "swp3", "mgmt": "eth0"}),
}
"""Switch -> manufacturer, model, slug and ports in the public devicetype-library."""


@pytest.mark.parametrize("key", LIBRARY)
def test_netbox_names_are_those_of_the_library(key: str) -> None:
    names = switch_model(key).netbox
    assert names is not None
    manufacturer, model, slug, ports = LIBRARY[key]
    assert (names.manufacturer, names.model, names.slug) == (manufacturer, model, slug)
    front = naming(names.ports, front_of(key, ports)).names
    assert {port: front[port][0] for port in ports} == ports


def front_of(key: str, ports: Iterable[str]) -> Front:
    """The front in a mode in which the ports are there."""
    split = max(int(port.partition("/")[2] or 1) for port in ports)
    return next(it for it in switch_model(key).fronts() if it.per_cage >= split)


def test_only_a_named_maker_is_one() -> None:
    makers = {key: it.maker for key, it in {**node_models(), **switch_models(), **cdu_models(),
                                            **pdu_models()}.items()}  # fmt: skip
    assert set(makers.values()) == {"NVIDIA", ""}
    assert all(it.title.startswith("NVIDIA") == bool(it.maker) for it in node_models().values())
    slugs = [it.netbox.slug for it in {**node_models(), **switch_models()}.values() if it.netbox]
    assert len(slugs) == len(set(slugs)) == 11
    with pytest.raises(ValidationError, match="slug"):
        NetboxNames(model="x", slug="no slug")
