"""Whom a national file binds, what it gives, and that no way of writing a value escapes it."""

from __future__ import annotations

import copy
import dataclasses
import shutil
from pathlib import Path

import pytest
from lock_samples import VALUES, read, samples

from bloomery.errors import FaultsError
from bloomery.site import load
from bloomery.site.load import load_national
from bloomery.site.model import SiteSheet
from bloomery.site.national.locks import Lock
from bloomery.site.national.national_file import National, fill_in, held, lock_faults
from bloomery.site.national.national_sheet import read_national
from bloomery.site.reading.document import Document, parse
from bloomery.site.types.keys import Key, written

ROOT = Path(__file__).parents[3]
INVENTORIES = ROOT / "inventories"
BASE = ROOT / "tests" / "wrong" / "base"
SITES = sorted(path.parent for path in INVENTORIES.glob("*/site.yaml"))
LABS = ["lab", "lab-metal"]


@pytest.fixture
def kyiv(tmp_path: Path) -> Path:
    """A good site under the national file that ships."""
    shutil.copyfile(INVENTORIES / "national.yaml", tmp_path / "national.yaml")
    return Path(shutil.copytree(BASE, tmp_path / "kyiv"))


def nation(kyiv: Path, text: str) -> None:
    (kyiv.parent / "national.yaml").write_text(text)


def edit(kyiv: Path, old: str, new: str) -> None:
    file = kyiv / "site.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def refused(kyiv: Path) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        load(kyiv)
    return [fault.path for fault in caught.value.faults]


def test_the_file_that_ships_is_good_and_binds_every_site_but_the_labs() -> None:
    document = parse("national.yaml", (INVENTORIES / "national.yaml").read_text())
    national = read_national(document)
    assert not national.faults
    assert len(national.locks) > 20
    assert [site.name for site in SITES if load_national(site) is None] == LABS


@pytest.mark.parametrize(
    "example", [site for site in SITES if site.name not in LABS], ids=lambda it: it.name
)
def test_an_example_is_copied_under_a_name_of_ones_own(example: Path, tmp_path: Path) -> None:
    """The way to begin that the documentation recommends: nothing but the name is changed."""
    shutil.copyfile(INVENTORIES / "national.yaml", tmp_path / "national.yaml")
    copy = Path(shutil.copytree(example, tmp_path / "poltava"))
    edit(copy, f"site: {example.name}", "site: poltava")
    assert load(copy).name == "poltava"


def test_what_a_site_leaves_out_takes_the_national_value(kyiv: Path) -> None:
    site = load(kyiv)
    assert all(pool.bios == {"SecureBoot": "Enabled"} for pool in site.pools)
    assert site.policy.allowed_locations[:2] == ("UA-kyiv", "UA-lviv")
    assert site.sovereignty.key_custody == "site"


def test_a_site_that_loosens_the_shipped_file_is_refused(kyiv: Path) -> None:
    edit(kyiv, "pools:", "protect: false\ntrust: {bmc_credentials: factory}\npools:")
    assert refused(kyiv) == ["protect", "trust.bmc_credentials"]


def test_a_site_without_one_is_unaffected(kyiv: Path) -> None:
    (kyiv.parent / "national.yaml").unlink()
    assert load(kyiv).pools[0].bios == {}


@pytest.mark.parametrize("exempt", ["[kyiv]", '["k*"]', "[lviv, 'ky?v']"])
def test_an_exempt_directory_is_unaffected_even_by_faults(kyiv: Path, exempt: str) -> None:
    nation(kyiv, f"exempt: {exempt}\nlocks: {{contry: {{lock: free}}}}\n")
    assert load(kyiv).pools[0].bios == {}


@pytest.mark.parametrize("exempt", ["[lviv]", "kyiv", "{kyiv: 1}", "[[kyiv]]"])
def test_an_exemption_of_others_binds(kyiv: Path, exempt: str) -> None:
    """Also one that cannot be read: nobody is let go by a slip."""
    nation(kyiv, f"exempt: {exempt}\nlocks: {{country: {{lock: locked, value: PL}}}}\n")
    assert "country" in refused(kyiv)


def test_a_national_file_that_cannot_be_read_binds(kyiv: Path) -> None:
    file = kyiv.parent / "national.yaml"
    file.unlink()
    file.symlink_to(kyiv.parent / "gone.yaml")
    assert refused(kyiv) == ["(file)"]
    file.unlink()
    file.mkdir()
    assert refused(kyiv) == ["(file)"]
    file.rmdir()
    file.write_bytes(b"locks: \xff\n")
    assert refused(kyiv) == ["(file)"]


@pytest.mark.parametrize("place", [".", "../kyiv", "x/.."])
def test_it_is_found_from_inside_the_site(
    kyiv: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kyiv / "x").mkdir()
    edit(kyiv, "pools:", "protect: false\npools:")
    monkeypatch.chdir(kyiv)
    with pytest.raises(FaultsError):
        load(place)


@pytest.mark.parametrize(
    "written",
    ["protect: no", "protect: '0'", "protect: ' false '", "protect: FALSE", "protect: !!bool n"],
)
def test_no_spelling_escapes(kyiv: Path, written: str) -> None:
    edit(kyiv, "pools:", f"{written}\npools:")
    assert "protect" in refused(kyiv)


def test_blanks_around_a_word_do_not_escape(kyiv: Path) -> None:
    edit(kyiv, "country: UA", 'country: " PL "')
    edit(kyiv, "UA-kyiv", "PL-kyiv")
    assert "country" in refused(kyiv)


def test_a_span_of_racks_is_judged_as_it_is_written(kyiv: Path) -> None:
    nation(kyiv, "locks: {'racks[].power_kw': {lock: tighten-only, order: lower, value: 30}}\n")
    edit(kyiv, "  - name: r01\n", "  - {name: r02..r09, units: 42, power_kw: 31}\n  - name: r01\n")
    edit(kyiv, "power_kw: 40", "power_kw: 30")
    assert refused(kyiv) == ["racks[0].power_kw"]


def test_what_the_sheet_came_to_hold_is_judged_too() -> None:
    """A value that stands in no line of the file, however it got into the sheet."""
    sheet = SiteSheet.model_validate(parse("", (BASE / "site.yaml").read_text()).data)
    national = read_national(
        parse("national.yaml", "locks: {protect: {lock: locked, value: false}}")
    )
    (fault,) = lock_faults(national, Document("site.yaml", data={}), sheet, {})
    assert (fault.path, fault.reason) == ("protect", "True is not the national value")


def test_an_optional_section_is_asked_for_unless_it_may_be_absent(kyiv: Path) -> None:
    lock = "locks: {cluster.port: {lock: locked, value: 8443"
    nation(kyiv, lock + "}}\n")
    assert refused(kyiv) == ["cluster.runs"]
    edit(kyiv, "pools:", "cluster:\npools:")
    assert refused(kyiv) == ["cluster.runs"]
    nation(kyiv, lock + ", if_present: true}}\n")
    assert load(kyiv).cluster is None
    edit(kyiv, "cluster:", "cluster: {runs: [base]}")
    assert load(kyiv).cluster.port == 8443
    edit(kyiv, "runs: [base]", "runs: [base], port: 80")
    assert refused(kyiv) == ["cluster.port"]


def test_default_locked_leaves_every_unnamed_key_at_its_default(kyiv: Path) -> None:
    free = ("site", "country", "location", "release", "networks", "depot", "racks", "pools")
    locks = "".join(f"  {key}: {{lock: free}}\n" for key in free)
    nation(kyiv, f"default: locked\nlocks:\n{locks}")
    assert load(kyiv).protect
    edit(kyiv, "pools:", "protect: true\npools:")
    assert load(kyiv).protect
    edit(kyiv, "pools:", "cluster: {runs: [base]}\ninstall_generation: 2\nlab: true\npools:")
    assert refused(kyiv) == ["cluster", "install_generation", "lab"]


def lines_of(site: Path) -> Document:
    return parse(str(site / "site.yaml"), (site / "site.yaml").read_text())


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_key_a_shipped_site_writes_can_be_locked_and_is_then_held(site: Path) -> None:
    """Through the sheet of a whole site: at its own value it loads, at any other it does not."""
    document = lines_of(site)
    sheet = SiteSheet.model_validate(document.data)
    tried = 0
    for key in VALUES:
        own = [raw for _, raw in written(document.data, key.pattern)]
        values = list(held(sheet, key.pattern))
        if not own:
            continue
        tried += 1
        for raw in (own[0], *samples(key)):
            lock = locked(key, raw)
            loose = [value for value in values if value != lock.value]
            assert bool(judged(document, sheet, lock)) is bool(loose), (str(key), raw)
    assert tried >= 20


def locked(key: Key, raw: object) -> Lock:
    return Lock(key, "locked", "national.yaml", 3, read(key, raw), raw)


def judged(document: Document, sheet: SiteSheet, lock: Lock) -> list[object]:
    national = National("national.yaml", (lock,))
    filled = dataclasses.replace(document, data=copy.deepcopy(document.data))
    return list(lock_faults(national, filled, sheet, fill_in(national, filled)))
