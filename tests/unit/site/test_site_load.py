"""``load``: what the files say is what the model says, and nothing but faults is raised."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bloomery.errors import FaultsError
from bloomery.site import Site, load
from bloomery.site.metal.delivery import parse_delivery
from bloomery.site.reading.document import parse, spell

ROOT = Path(__file__).parents[3]
BASE = ROOT / "tests" / "wrong" / "base"


def write(directory: Path, site: str, machines: str) -> Path:
    (directory / "site.yaml").write_text(site, encoding="utf-8")
    (directory / "machines.csv").write_text(machines, encoding="utf-8")
    return directory


def base(name: str) -> str:
    return (BASE / name).read_text(encoding="utf-8")


def test_lab() -> None:
    site = load(ROOT / "inventories" / "lab")
    assert site.name == "lab"
    assert [machine.name for machine in site.machines] == [
        "mgmt-01",
        "train-01",
        "train-02",
        "serve-01",
    ]
    assert site.lab
    assert not site.protect


def test_defaults() -> None:
    site = load(BASE)
    assert site.protect
    assert site.on_delete == "release"
    assert site.trust.bmc_credentials == "derived"
    assert site.cluster is None
    assert site.networks.provisioning.ssh_port == 22


def test_text_stays_text(tmp_path: Path) -> None:
    """YAML would make false of NO, a number of 0012 and a time of 12:30."""
    site = base("site.yaml").replace("UA", "NO")
    bios = "    bios: {code: 0012, at: 12:30, on: yes}\n"
    site = site.replace("    purpose: training\n", "    purpose: training\n" + bios)
    read = load(write(tmp_path, site, base("machines.csv")))
    assert read.country == "NO"
    assert read.pools[0].bios == {"code": "0012", "at": "12:30", "on": "yes"}


def test_spreadsheet_output_is_read(tmp_path: Path) -> None:
    rows = "\ufeff" + base("machines.csv").replace("\n", "\r\n").replace(",train,", " , train ,")
    site = load(write(tmp_path, base("site.yaml"), rows + "\r\n,,,,,,,,\r\n"))
    assert [machine.pool for machine in site.machines] == ["train", "train"]


def test_column_order_is_free(tmp_path: Path) -> None:
    turned = "\n".join(",".join(reversed(row.split(","))) for row in base("machines.csv").split())
    site = load(write(tmp_path, base("site.yaml"), turned + "\n"))
    assert site == load(BASE)


def test_sites_are_frozen() -> None:
    site = load(BASE)
    with pytest.raises(ValidationError):
        site.name = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        site.machines[0].unit = 2  # type: ignore[misc]
    assert copy.deepcopy(site) == site


def test_faults_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    site = base("site.yaml").replace("UA", "ua", 1).replace("42", "x").replace("dgx", "dgy")
    write(tmp_path, site, base("machines.csv").replace("SN-01", "").replace("r01,1,", "r01,0,"))
    with pytest.raises(FaultsError) as caught:
        load(tmp_path)
    lines = [(Path(fault.file).name, fault.line) for fault in caught.value.faults]
    assert lines == [
        ("site.yaml", 2),
        ("site.yaml", 16),
        ("site.yaml", 20),
        ("machines.csv", 2),
        ("machines.csv", 2),
    ]


@given(
    st.text(alphabet=st.sampled_from("ab:-[]{}#&*!|>'\"%@`\t\n ,?\x00\x85\u2028é0"), max_size=60)
)
@example("? [a]: b")
@example("a: &x [*x]")
@example("!!python/object/apply:os.getcwd []")
@example("<<: {a: b}")
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_yaml_reader(text: str) -> None:
    """Whatever is written, there is a mapping or there is a fault."""
    document = parse("site.yaml", text)
    assert document.faults or isinstance(document.data, dict)
    assert all(fault.line >= 1 for fault in document.faults)


@given(st.text(alphabet=st.sampled_from("ab,;\"'\n\r\x00\x85\u20280:."), max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_delivery_reader(text: str) -> None:
    header = base("machines.csv").splitlines()[0]
    for whole in (text, f"{header}\n{text}"):
        assert parse_delivery("machines.csv", whole).faults


LINES = base("site.yaml").splitlines()


@given(st.data())
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_site_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """Lines lost, doubled, moved or overwritten: a Site or FaultsError, never anything else."""
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["lose", "double", "swap", "value", "indent"]))
        if kind == "lose" and len(lines) > 1:
            del lines[at]
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "swap":
            lines[at], lines[0] = lines[0], lines[at]
        elif kind == "indent":
            lines[at] = " " + lines[at]
        else:
            key = lines[at].partition(":")[0]
            lines[at] = f"{key}: " + data.draw(st.sampled_from(["", "x", "[]", "{}", "-1", "'"]))
    write(tmp_path, "\n".join(lines) + "\n", base("machines.csv"))
    try:
        assert isinstance(load(tmp_path), Site)
    except FaultsError as error:
        assert error.faults


def test_paths_read_like_the_file() -> None:
    assert spell(("pools", 2, "bios", "BootMode")) == "pools[2].bios.BootMode"
    assert spell(()) == "(top)"
