"""Names of ports: every port of every switch has one in every system, and it leads back."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bloomery.catalogue import SwitchModel, node_models, switch_model, switch_models
from bloomery.catalogue.host_port import HcaMapping
from bloomery.catalogue.port_scheme import Front, PortPatterns, PortScheme, naming

EVERY = [
    (key, system, front)
    for key, model in switch_models().items()
    for system in model.systems
    for front in model.fronts()
]
"""Switch model, system and front in one mode."""


def test_every_switch_with_ports_has_a_system() -> None:
    assert {key for key, *_ in EVERY} == {
        key for key, it in switch_models().items() if it.cages or it.access_ports
    }
    assert all(it.os in it.systems for it in switch_models().values() if it.systems)


def counted(front: Front) -> list[str]:
    """The ports of a front as a plan calls them."""
    cages = range(front.access + 1, front.access + front.cages + 1)
    split = [f"/{sub}" for sub in range(1, front.per_cage + 1)] if front.per_cage > 1 else [""]
    return [
        "mgmt",
        *(f"p{port:02}" for port in range(1, front.access + 1)),
        *(f"p{cage:02}{sub}" for cage in cages for sub in split),
    ]


@pytest.mark.parametrize(("key", "system", "front"), EVERY)
def test_every_port_is_named_and_every_name_leads_back(key: str, system: str, front: Front) -> None:
    made = naming(switch_model(key).systems[system], front)
    assert list(made.names) == counted(front) and made.unnamed == ()
    for port, names in made.names.items():
        for name in names:
            assert made.ports[name.lower()] == port
    assert len(made.ports) == sum(map(len, made.names.values()))


@pytest.mark.parametrize(
    ("key", "system", "per_cage", "ports"),
    [
        ("qm9700", "mlnx-os", 2, {"p23/2": ("IB1/23/2", "1/23/2"), "mgmt": ("mgmt0",)}),
        ("qm9700", "nvos", 2, {"p32/2": ("sw32p2",)}),
        ("q3400", "nvos", 2, {"p72/1": ("sw72p1",)}),
        ("sn5600", "cumulus", 1, {"p64": ("swp64",)}),
        ("sn5600", "cumulus", 4, {"p01/4": ("swp1s3",)}),
        ("sn5600", "sonic", 1, {"p02": ("Ethernet8", "etp2")}),
        ("sn5600", "sonic", 2, {"p64/2": ("Ethernet508", "etp64b")}),
        ("sn5600", "sonic", 4, {"p14/4": ("Ethernet110", "etp14d")}),
        ("sn4600c", "sonic", 1, {"p41": ("Ethernet160", "etp41")}),
        ("sn2201", "sonic", 1, {"p48": ("Ethernet47", "etp48"), "p52": ("Ethernet60", "etp52")}),
        ("sn2201", "cumulus", 1, {"p01": ("swp1",), "p49": ("swp49",)}),
    ],
)
def test_names_are_those_of_the_documents(
    key: str, system: str, per_cage: int, ports: dict[str, tuple[str, ...]]
) -> None:
    model = switch_model(key)
    front = next(it for it in model.fronts() if it.per_cage == per_cage)
    names = naming(model.systems[system], front).names
    assert {port: names[port] for port in ports} == ports


def test_a_split_that_no_document_tells_has_no_names() -> None:
    """Four parts of a cage of the QM9700 are called by half and part: nothing is guessed."""
    scheme = switch_model("qm9700").systems["nvos"]
    assert set(naming(scheme, Front(0, 32, 4)).names) == {"mgmt"}
    assert set(naming(switch_model("sn5600").systems["sonic"], Front(0, 64, 3)).names) == {"mgmt"}
    assert naming(PortPatterns(sub="{letter}{cage}"), Front(0, 2, 27)).names == {}


def switch(**scheme: Any) -> dict[str, object]:
    """A switch of two cages, whole or split in two."""
    figure = {"source": "a test of schemes"}
    modes = [
        {"speed_gbps": {"value": speed, **figure}, "per_cage": {"value": split, **figure}}
        for speed, split in ((800, 1), (400, 2))
    ]
    return {
        "key": "x", "title": "x", "kind": "ethernet", "os": "own", "modes": modes,
        "cages": {"value": 2, **figure},
        "systems": {"own": {"source": "a test of schemes", "mgmt": "eth0", **scheme}},
    }  # fmt: skip


GOOD = {"cage": "e{cage}", "sub": ["e{cage}s{sub0}", "{port}"]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sub": "e{cage}"}, "x, own, 2 a cage: p01/1 and p01/2 are both called 'e1'"),
        ({"sub": ["e{cage}s{sub}", "E2S1"]}, "2 a cage: p01/1 and p01/2 are both called 'E2S1'"),
        ({"sub": ["e{cage}s{sub}", "eth{cage0}"]}, "mgmt and p01/1 are both called 'eth0'"),
        ({"cage": []}, "x, own, 1 a cage: 2 ports without a name, first p01"),
        ({"splits": [4]}, "x, own, 2 a cage: 4 ports without a name, first p01/1"),
        ({"mgmt": ""}, "x, own, 1 a cage: 1 ports without a name, first mgmt"),
        ({"cage": "{lane}", "lanes": 0}, "1 a cage: p01 and p02 are both called '0'"),
        ({"cage": "e{slot}"}, "in braces may stand cage, cage0, lane, letter, port, sub, sub0"),
        ({"cage": "e{cage:02}"}, "in braces may stand"),
        ({"source": "short"}, "at least 8 characters"),
    ],
)
def test_a_scheme_that_names_no_port_or_two_alike_is_refused(
    changes: dict[str, object], told: str
) -> None:
    SwitchModel.model_validate(switch(**GOOD))
    with pytest.raises(ValidationError) as caught:
        SwitchModel.model_validate(switch(**{**GOOD, **changes}))
    assert told in str(caught.value)


def test_the_default_is_one_of_the_systems() -> None:
    with pytest.raises(ValidationError, match="os 'other' is none of its systems"):
        SwitchModel.model_validate({**switch(**GOOD), "os": "other"})
    with pytest.raises(ValidationError, match="os '' is none of its systems"):
        SwitchModel.model_validate({**switch(**GOOD), "os": ""})


def test_names_of_netbox_may_be_few_but_never_alike() -> None:
    box = {"model": "x", "slug": "x", "ports": {"cage": "e{cage}"}}
    SwitchModel.model_validate({**switch(**GOOD), "netbox": box})
    with pytest.raises(ValidationError, match="x, netbox, 2 a cage: p01/1 and p01/2"):
        SwitchModel.model_validate({**switch(**GOOD), "netbox": {**box, "ports": {"sub": "e"}}})


def test_a_scheme_is_data_alone() -> None:
    assert set(PortScheme.model_fields) == {*PortPatterns.model_fields, "source"}


MAPPED = {key: it.hca_mapping for key, it in node_models().items() if it.hca_mapping}


def test_adapters_of_an_h100_are_those_of_its_guide() -> None:
    assert set(MAPPED) == {"dgx-h100", "dgx-h200", "gb200-nvl72"}
    ports = MAPPED["dgx-h100"].compute
    assert [port.hca for port in ports] == [f"mlx5_{n}" for n in (0, 3, 4, 5, 6, 9, 10, 11)]
    assert (ports[1].pci, ports[1].infiniband) == ("0000:40:00.0", "ibp64s0")
    assert MAPPED["dgx-h100"] == MAPPED["dgx-h200"]


@pytest.mark.parametrize("key", MAPPED)
def test_interfaces_follow_from_the_pci_addresses(key: str) -> None:
    """systemd's names: domain where it is not 0, bus and slot; so the columns agree."""
    for port in MAPPED[key].every():
        domain, bus, slot = (int(part, 16) for part in port.pci.partition(".")[0].split(":"))
        place = f"{f'P{domain}' if domain else ''}p{bus}s{slot}"
        assert port.infiniband.startswith(f"ib{place}")
        assert not port.ethernet or port.ethernet.startswith(f"en{place}")


@pytest.mark.parametrize("key", ["hca", "pci", "infiniband", "ethernet"])
def test_an_adapter_is_listed_once(key: str) -> None:
    twice = {"source": "a test of schemes", "compute": [{key: "a"}], "storage": [{key: "a"}]}
    with pytest.raises(ValidationError, match=f"{key} of two ports: a"):
        HcaMapping.model_validate(twice)
