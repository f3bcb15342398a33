"""A model in the place of another; identities that stand in for those of a draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from bloomery.errors import FaultsError
from bloomery.plan import make_plan
from bloomery.site import MACHINES_FILE, SITE_FILE, load
from bloomery.site.cooling.sheet import Cdus
from bloomery.site.draft.ordered import KINDS
from bloomery.site.draft.substitute import Replaced, Substitute, alternates_of, read_substitutes
from bloomery.site.facility.power import Circuit
from bloomery.site.load import Tried, load_substituted
from bloomery.site.metal.delivery import HEADER
from bloomery.site.metal.placeholder_identity import rows_without_identity, with_placeholders
from bloomery.site.metal.sheet import Pool

TESTS = Path(__file__).parents[2]
GOLDEN = TESTS / "golden" / "projects"
PORTS = TESTS / "golden" / "ports"
MIXED = TESTS / "golden" / "mixed-rails"
INVENTORIES = TESTS.parent / "inventories"


def tried(*written: str, where: Path = GOLDEN) -> Tried:
    return load_substituted(where, read_substitutes(written))


def told(*written: str, where: Path = GOLDEN) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        tried(*written, where=where)
    return [str(fault).removeprefix(f"{where}/") for fault in caught.value.faults]


def test_every_pool_of_the_model_changes_and_no_other() -> None:
    found = tried("dgx-h100=dgx-h200")
    assert {pool.name: pool.model for pool in found.after.pools} == {
        "train": "dgx-b200",
        "serve": "dgx-h200",
    }
    assert found.before == load(GOLDEN)
    assert found.after.machines == found.before.machines
    assert {node.model for node in make_plan(found.after).metal.nodes} == {"dgx-b200", "dgx-h200"}
    assert found.replaced == (Replaced("dgx-h100", "dgx-h200", 24, "pools[1].model", "serve"),)


def test_two_models_change_places() -> None:
    found = tried("dgx-h100=dgx-b200", "dgx-b200=dgx-h100")
    assert [pool.model for pool in found.after.pools] == ["dgx-h100", "dgx-b200"]


def test_figures_of_the_new_model_are_read_like_those_of_a_pool(tmp_path: Path) -> None:
    found = tried("dgx-b200=hgx-b200,power_kw=14500 W,height_u=8,liquid_share=80 %")
    pool = found.after.pools[0]
    assert (pool.power_kw, pool.height_u, pool.liquid_share) == (14.5, 8, 0.8)
    own = "model: dgx-b200, purpose: training, power_kw: 12 kW, bios: {Boot: Uefi}"
    own += ", allow_unproven: true"
    write(tmp_path, GOLDEN, "model: dgx-b200, purpose: training", own)
    back = tried("dgx-b200=dgx-h100", where=tmp_path).after.pools[0]
    assert back.power_kw is None, "figures of the old model go with it"
    assert load(tmp_path).pools[0].allow_unproven and not back.allow_unproven
    (named,) = [it for it in load(PORTS).pools if it.hca_mapping]
    turned = {it.name: it for it in tried(f"{named.model}=dgx-h200", where=PORTS).after.pools}
    assert turned[named.name].hca_mapping is None, "so do the names of its adapters"
    assert back.bios == {"Boot": "Uefi"}, "choices stay"


def write(folder: Path, source: Path, old: str, new: str) -> None:
    """A copy of a site with one change."""
    text = (source / SITE_FILE).read_text()
    assert old in text
    (folder / SITE_FILE).write_text(text.replace(old, new))
    (folder / MACHINES_FILE).write_text((source / MACHINES_FILE).read_text())


def test_a_switch_changes_wherever_it_stands() -> None:
    found = tried("sn4600c=sn5600,power_kw=1.5 kW,per_cage.100=1", where=MIXED)
    assert found.replaced == (Replaced("sn4600c", "sn5600", 44, "fabric.storage.switch", ""),)
    fabric = found.after.fabric
    assert fabric is not None
    assert fabric.storage is not None
    assert fabric.storage.switch == "sn5600"
    assert fabric.switches["sn5600"].per_cage == {100: 1}
    assert "sn4600c" in fabric.switches, "figures of a model are no order of it"
    models = {it.name: it.model for it in make_plan(found.after).fabric.switches}
    assert models["storage-leaf-s01-r1"] == "sn5600"
    assert models["compute-leaf-s01-r1-4"] == "qm9700"


def test_a_switch_of_the_site_keeps_the_figures_the_site_gives_it(tmp_path: Path) -> None:
    figures = "sn5600: {power_kw: 2 kW, per_cage: {100: 1}}"
    write(tmp_path, MIXED, "sn4600c: {power_kw: 1.1 kW}", figures)
    write(tmp_path, tmp_path, "switch: sn4600c", "switch: sn5600")
    found = tried("sn5600=sn5600,power_kw=3 kW", where=tmp_path).after.fabric
    assert found is not None
    assert (found.switches["sn5600"].power_kw, found.switches["sn5600"].per_cage) == (3, {100: 1})


def test_switches_out_of_band_and_above_them_are_named() -> None:
    found = tried("sn2201=sn4600c,power_kw=1 kW,access_ports=48,access_gbps=1", where=SU1)
    assert [it.path for it in found.replaced] == ["fabric.oob.switch"]


SU1 = INVENTORIES / "example-su1"


def test_a_cdu_changes_with_its_figures() -> None:
    whole = INVENTORIES / "example-whole"
    figures = "capacity_kw=1400 kW,flow_lpm=1500 L/min,head_kpa=200,pumps=2,pumps_needed=1"
    power = "power_kw=20 kW,approach_k=4"
    found = tried(f"row-1300kw=generic,{figures},{power}", where=whole)
    assert {it.path.rpartition(".")[2] for it in found.replaced} == {"model"}
    assert found.after.cooling is not None
    groups = [group for loop in found.after.cooling.loops for group in loop.cdus]
    assert {group.model for group in groups} == {"generic"}
    assert {group.capacity_kw for group in groups} == {1400}
    assert all(group.feeds for group in groups), "choices stay"


def test_a_pdu_changes_with_its_figures(tmp_path: Path) -> None:
    own = "{name: rack, volts: 400 V, amps: 63 A, phases: 3, wiring: wye, continuous: 80 %}"
    named = "{name: rack, pdu: pdu-415v-60a, amps: 50 A}"
    write(tmp_path, INVENTORIES / "example-whole", own, named)
    found = tried("pdu-415v-60a=pdu-400v-63a,continuous=80 %", where=tmp_path)
    assert found.replaced == (
        Replaced("pdu-415v-60a", "pdu-400v-63a", 67, "power.circuits[1].pdu", "rack"),
    )
    amps = {it.amps for it in make_plan(found.after).metal.circuits if it.circuit == "rack"}
    assert amps == {63}, "figures of the old model go with it"
    assert told("pdu-415v-60a=pdu-400v-63a", where=tmp_path) == [
        "site.yaml:67 power.circuits[1].continuous: missing; "
        "share of the rating allowed over time: 80 % under the NEC; "
        + WITH.format("pdu-415v-60a=pdu-400v-63a")
    ]


def test_racks_without_trays_have_no_units_of_their_parts() -> None:
    """Units of NVLink switch trays go with the rack they are built into."""
    whole = INVENTORIES / "example-gb300"
    assert any(rack.nvlink_units for rack in load(whole).racks)
    plain = tried("gb300-nvl72=dgx-b200", where=whole)
    assert not any(rack.nvlink_units or rack.shelf_units for rack in plain.after.racks)
    alike = tried("gb300-nvl72=gb200-nvl72", where=whole)
    assert alike.after.racks == alike.before.racks


ORDERS = "models of the site: dgx-b200, dgx-h100"
WITH = "with --substitute {}, which figures follow as ,KEY=VALUE"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "dgx-b20=dgx-h200",
            "--substitute:0 dgx-b20: the site orders nothing of model 'dgx-b20'; "
            "did you mean 'dgx-b200'?",
        ),
        (
            "qm9700=q3400",
            f"--substitute:0 qm9700: the site orders nothing of model 'qm9700'; {ORDERS}",
        ),
        (
            "dgx-b200=hgx-b20",
            "--substitute:0 dgx-b200: unknown model 'hgx-b20'; did you mean 'hgx-b200'?; "
            "alternates of 'dgx-b200': hgx-b200",
        ),
        (
            "osfp-sr-400=osfp-dr-400",
            "--substitute:0 osfp-sr-400: 'osfp-sr-400' is a cable, which no site orders by its "
            "model; the plan chooses cables; fabric.media of site.yaml says between which",
        ),
        (
            "dgx-b200=dgx-h200,purpose=serving",
            "--substitute:0 dgx-b200: 'purpose' is no figure of a model; "
            "it stays as site.yaml has it",
        ),
        (
            "dgx-b200=dgx-h200,bios.Boot=Uefi",
            "--substitute:0 dgx-b200: 'bios.Boot' is no figure of a model; "
            "it stays as site.yaml has it",
        ),
        (
            "dgx-b200=dgx-h200,size=8",
            "site.yaml:23 pools[0].size: unknown key 'size'; known keys: allow_unproven, "
            "bios, hca_mapping, height_u, liquid_share, media_transport, model, name, node_mode, "
            "os_disk, peak_kw, personality, port_names, power_kw, psu_kw, psus, psus_needed, "
            "purpose, secure_boot, shelf_kw, shelves, weight_kg; "
            + WITH.format("dgx-b200=dgx-h200"),
        ),
    ],
)
def test_refused(written: str, expected: str) -> None:
    assert told(written) == [expected]


def test_a_model_of_another_kind_is_refused() -> None:
    assert told("qm9700=dgx-b200", where=MIXED) == [
        "--substitute:0 qm9700: 'dgx-b200' is a machine, 'qm9700' is a switch; switches: "
        "generic-ethernet, generic-infiniband, q3400, qm9700, sn2201, sn4600c, sn5600"
    ]


def test_one_switch_has_one_figure() -> None:
    twice = "qm9700=sn5600,power_kw=1 kW", "sn4600c=sn5600,power_kw=2 kW"
    assert told(*twice, where=MIXED) == [
        "--substitute:0 sn4600c: 'power_kw' of 'sn5600' is '2 kW', and '1 kW' before"
    ]


def test_figures_that_are_missing_or_wrong_are_told_where_the_site_lacks_them() -> None:
    """As for a site that orders the new model, at the line of the old one."""
    assert [it.partition(";")[0] for it in told("dgx-b200=hgx-b200,power_kw=12 V")] == [
        "site.yaml:23 pools[0].power_kw: unit 'V' is not one of this quantity",
        "site.yaml:23 pools[0].height_u: missing",
        "site.yaml:23 pools[0].liquid_share: missing",
    ]


def test_a_switch_that_cannot_do_is_told_where_it_stands() -> None:
    with_ = WITH.format("qm9700=sn5600")
    assert told("qm9700=sn5600", where=MIXED) == [
        "site.yaml:30 fabric.compute.switch: power_kw of 'sn5600' is in no source the catalogue "
        f"has; write fabric.switches.sn5600.power_kw, from the vendor's data sheet; {with_}",
        "site.yaml:30 fabric.compute.switch: 'sn5600' is a switch for ethernet, the network is "
        f"infiniband; choose another, or another kind; {with_}",
    ]


def test_faults_of_the_site_itself_come_first(tmp_path: Path) -> None:
    write(tmp_path, GOLDEN, "purpose: training", "purpose: trainig")
    assert told("dgx-b200=hgx-b200", where=tmp_path) == [
        "site.yaml:23 pools[0].purpose: unknown value 'trainig'; did you mean 'training'?"
    ]


def test_a_lock_of_the_nation_holds_against_a_substitute(tmp_path: Path) -> None:
    (tmp_path / "kyiv").mkdir()
    write(tmp_path / "kyiv", MIXED, "site: mixed-rails", "site: kyiv")
    lock = "fabric.compute.switch: {lock: locked, value: qm9700, if_present: true}"
    (tmp_path / "national.yaml").write_text(f"default: free\nlocks:\n  {lock}\n")
    figures = "height_u=1,cages=32,per_cage.400=2,power_kw=1 kW"
    [fault] = told(f"qm9700=generic-infiniband,{figures}", where=tmp_path / "kyiv")
    assert fault.startswith("site.yaml:30 fabric.compute.switch: 'generic-infiniband' "), fault
    assert "national.yaml:3" in fault
    assert "--substitute qm9700=generic-infiniband" in fault


def test_what_the_nation_gives_is_substituted_too(tmp_path: Path) -> None:
    """A default of the nation is no lock; what it locks stays locked, figures included."""
    (tmp_path / "kyiv").mkdir()
    write(tmp_path / "kyiv", MIXED, "    switch: sn4600c\n", "")
    free = "fabric.storage.switch: {lock: free, value: sn4600c}"
    lock = "fabric.switches.*.power_kw: {lock: tighten-only, order: lower, value: 1.2 kW}"
    (tmp_path / "national.yaml").write_text(f"default: free\nlocks:\n  {free}\n  {lock}\n")
    figures = "per_cage.100=1,power_kw="
    found = tried(f"sn4600c=sn5600,{figures}1.2 kW", where=tmp_path / "kyiv")
    assert [it.path for it in found.replaced] == ["fabric.storage.switch"]
    assert found.after.fabric is not None
    assert found.after.fabric.storage is not None
    assert found.after.fabric.storage.switch == "sn5600"
    [fault] = told(f"sn4600c=sn5600,{figures}1.5 kW", where=tmp_path / "kyiv")
    assert "fabric.switches.sn5600.power_kw: '1.5 kW' " in fault
    assert "national.yaml:4" in fault


@pytest.mark.parametrize(
    ("section", "word", "figures"),
    [
        (
            Pool,
            "machine",
            "allow_unproven hca_mapping height_u liquid_share peak_kw port_names power_kw psu_kw "
            "psus psus_needed shelf_kw shelves weight_kg",
        ),
        (
            Cdus,
            "CDU",
            "approach_k capacity_kw flow_lpm head_kpa height_u power_kw pumps pumps_needed "
            "weight_kg",
        ),
        (Circuit, "PDU", "amps continuous phases volts wiring"),
    ],
)
def test_every_key_beside_a_model_is_a_choice_or_a_figure(
    section: type[BaseModel], word: str, figures: str
) -> None:
    """A key that is added to one of these is one or the other: a figure goes with its model."""
    [kind] = [it for it in KINDS if it.word == word]
    assert sorted(section.model_fields.keys() - kind.choices) == figures.split()


def test_all_faults_at_once() -> None:
    assert len(told("dgx-b20=dgx-h200", "dgx-h100=dgx-h20")) == 2


@pytest.mark.parametrize("text", ["dgx-b200", "=hgx-b200", "dgx-b200=", "dgx-b200=hgx-b200,x"])
def test_written_wrong(text: str) -> None:
    with pytest.raises(FaultsError, match="is not OLD=NEW"):
        read_substitutes([text])


def test_written_twice() -> None:
    with pytest.raises(FaultsError, match="given twice"):
        read_substitutes(["a=b", "a=c"])


def test_read() -> None:
    assert read_substitutes(["dgx-b200=hgx-b200, power_kw=14 kW,height_u=8"]) == {
        "dgx-b200": Substitute("hgx-b200", {"power_kw": "14 kW", "height_u": "8"})
    }


def test_alternates_are_those_of_the_catalogue() -> None:
    assert alternates_of("dgx-b200") == ("hgx-b200",)
    assert alternates_of("qm9700") == alternates_of("cpu-node") == ()


ROW = "train-01,train,r01,1,,,,,"


def test_stand_ins_follow_from_name_and_place() -> None:
    made = with_placeholders(f"{HEADER}\n{ROW}\n", "10.20.0.0/16").splitlines()[1].split(",")
    assert made[:4] == ["train-01", "train", "r01", "1"]
    assert made[4].startswith("02:")
    assert made[5] == "10.20.1.1"
    assert made[6] == ""
    again = with_placeholders(f"{HEADER}\n\ntrain-01,train,r02,9,,,,,\n", "10.20.0.0/16")
    assert again.splitlines()[2].split(",")[5] == "10.20.2.9", "a blank line keeps its place"
    assert again.splitlines()[2].split(",")[7:] == made[7:], "identity is of the name"


def test_a_row_with_any_identity_is_left_alone() -> None:
    partly = f"{HEADER}\ntrain-01,train,r01,1,02:00:00:00:00:01,,,,\n"
    assert with_placeholders(partly, "10.20.0.0/16") == partly
    assert rows_without_identity(partly) == 0
    assert rows_without_identity(f"{HEADER}\n{ROW}\n") == 1


def empty_list(directory: Path) -> Path:
    (directory / SITE_FILE).write_text((GOLDEN / SITE_FILE).read_text())
    rows = (GOLDEN / MACHINES_FILE).read_text().splitlines()[1:]
    bare = [",".join(row.split(",")[:4]) + ",,,,," for row in rows]
    (directory / MACHINES_FILE).write_text("\n".join([HEADER, *bare]) + "\n")
    return directory


def test_a_draft_loads_only_as_one(tmp_path: Path) -> None:
    where = empty_list(tmp_path)
    with pytest.raises(FaultsError) as caught:
        load(where)
    assert len(caught.value.faults) == 7
    nodes = make_plan(load(where, draft=True)).metal.nodes
    assert [node.name for node in nodes][:1] == ["serve-01"]
    assert len({node.identity for node in nodes}) == len({node.bmc.address for node in nodes}) == 7


def test_a_draft_with_one_wrong_row_is_refused(tmp_path: Path) -> None:
    where = empty_list(tmp_path)
    text = (where / MACHINES_FILE).read_text().replace("r01,1,,", "r01,1,not-a-mac,", 1)
    (where / MACHINES_FILE).write_text(text)
    with pytest.raises(FaultsError, match="is not a MAC address"):
        load(where, draft=True)
