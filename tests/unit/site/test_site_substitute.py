"""A model in the place of another; identities that stand in for those of a draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.errors import FaultsError
from bloomery.plan import make_plan
from bloomery.site import MACHINES_FILE, SITE_FILE, Site, load
from bloomery.site.draft.substitute import Substitute, is_alternate, read_substitutes, substitute
from bloomery.site.metal.delivery import HEADER
from bloomery.site.metal.placeholder_identity import rows_without_identity, with_placeholders

GOLDEN = Path(__file__).parents[2] / "golden" / "projects"


@pytest.fixture(scope="module")
def site() -> Site:
    return load(GOLDEN)


def test_every_pool_of_the_model_changes_and_no_other(site: Site) -> None:
    changed = substitute(site, {"dgx-h100": "dgx-h200"})
    assert {pool.name: pool.model for pool in changed.pools} == {
        "train": "dgx-b200",
        "serve": "dgx-h200",
    }
    assert changed.machines == site.machines
    assert {node.model for node in make_plan(changed).metal.nodes} == {"dgx-b200", "dgx-h200"}


def test_figures_of_the_new_model_are_read_like_those_of_a_pool(site: Site) -> None:
    figures = {"power_kw": "14500 W", "height_u": "8", "liquid_share": "80 %"}
    changed = substitute(site, {"dgx-b200": Substitute("hgx-b200", figures)})
    pool = changed.pools[0]
    assert (pool.power_kw, pool.height_u, pool.liquid_share) == (14.5, 8, 0.8)
    back = substitute(changed, {"hgx-b200": "dgx-b200"})
    assert back.pools == site.pools, "figures of the old model go with it"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"dgx-b20": "dgx-h200"}, "did you mean 'dgx-b200'?"),
        ({"dgx-b200": "hgx-b20"}, "did you mean 'hgx-b200'?; alternates of 'dgx-b200': hgx-b200"),
        ({"dgx-b200": "hgx-b200"}, "'hgx-b200' has no public figure for 'power_kw'"),
        ({"dgx-b200": Substitute("dgx-h200", {"power_kw": "12 V"})}, "unit 'V'"),
        ({"dgx-b200": Substitute("dgx-h200", {"size": "8"})}, "unknown key 'size'"),
        ({"dgx-b200": Substitute("dgx-h200", {"purpose": "serving"})}, "no figure of a model"),
    ],
)
def test_refused(site: Site, wanted: dict[str, str | Substitute], told: str) -> None:
    with pytest.raises(FaultsError) as caught:
        substitute(site, wanted)
    assert told in str(caught.value)
    assert str(caught.value).startswith("--substitute:0 ")


def test_all_faults_at_once(site: Site) -> None:
    with pytest.raises(FaultsError) as caught:
        substitute(site, {"dgx-b20": "dgx-h200", "dgx-h100": "dgx-h20"})
    assert len(caught.value.faults) == 2


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
    assert is_alternate("dgx-b200", "hgx-b200")
    assert not is_alternate("dgx-b200", "dgx-h100")


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
