"""What tools print of a fabric, read: each format, its faults, and being told from the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import printed
import pytest

from bloomery.check.observed.read import Format, parse_observed, read_observed, recognised
from bloomery.check.observed.seen import End
from bloomery.check.wiring import Comparison, compare
from bloomery.errors import FaultsError
from bloomery.plan import Plan

LEAF = "compute-leaf-s01-r3"

SHEETS = {
    "1.5": ("A-Rack,A-U,A-Node Name,A-Type,A-Port,Z-Rack,Z-RU,Z-Node Name,Z-Type,Z-Port",
            "r1,2,{0},Host,rail{1},r9,1,{2},Switch,{4}"),
    "1.5 InfiniBand": ("Rack,U,Name,HCA/Port,Rack,U,Name,Port", "r1,2,{0},{1},r9,1,{2},{3}"),
    "1.7": ("A-Node,A-Port,Z-Node,Z-Port,Protocol", "{0},{1},{2},{5},ib"),
}  # fmt: skip
"""Header and row of the forms of a P2P file."""


def lldp(plan: Plan, text: str) -> Comparison:
    return compare(plan, parse_observed(LEAF, text, device=LEAF))


def faults(text: str, device: str = LEAF) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        parse_observed("seen", text, device=device)
    return [str(fault) for fault in caught.value.faults]


def test_ibnetdiscover_as_printed(one_su: Plan) -> None:
    text = printed.ibnetdiscover(one_su.fabric.cables)
    assert recognised("x", text) is Format.IBNETDISCOVER
    found = compare(one_su, parse_observed("x", text))
    assert (found.right, found.findings) == (512, ())


def test_node_descriptions_of_managed_switches(one_su: Plan) -> None:
    text = printed.ibnetdiscover(one_su.fabric.cables, switch="MF0;{}:MQM9700/U1")
    assert compare(one_su, parse_observed("x", text)).right == 512


def test_a_lost_and_an_exchanged_cable_of_ibnetdiscover(one_su: Plan) -> None:
    cables = list(one_su.fabric.cables)
    one, two = cables[0], cables[1]
    cables[:2] = [
        one._replace(a_device=two.a_device, a_port=two.a_port, a_index=two.a_index),
        two._replace(a_device=one.a_device, a_port=one.a_port, a_index=one.a_index),
    ]
    text = printed.ibnetdiscover(cables[:-1])
    found = compare(one_su, parse_observed("x", text))
    assert [it.kind for it in found.findings] == ["swapped", "missing"]
    assert found.right == 509


def test_aggregation_nodes_are_inside_a_switch(one_su: Plan) -> None:
    inner = 'Ca\t1 "H-00aa"\t\t# "Mellanox Technologies Aggregation Node"\n'
    inner += '[1](aa) \t"S-0001"[65]\t\t# lid 9 lmc 0 "x" lid 2 4xNDR\n'
    seen = parse_observed("x", f'Switch\t65 "S-0001"\t\t# "x" base port 0 lid 2 lmc 0\n{inner}')
    assert seen.links == ()


def test_an_adapter_without_a_name_of_its_own_is_told_by_its_far_end(one_su: Plan) -> None:
    """Eight adapters of a machine, all described by the host name alone."""
    text = printed.ibnetdiscover(one_su.fabric.cables, hca=lambda _: "")
    assert '# "s01-n01 "' in text
    assert compare(one_su, parse_observed("x", text)).right == 512


def test_ibnetdiscover_tells_every_fault() -> None:
    text = (
        'Switch\t64 "S-1"\t\t# "a" base port 0\n'
        '[1]\t"S-2"[2]\t\t# "b" lid 2 4xNDR\n'
        '[1]\t"S-2"[3]\t\t# "b" lid 2 4xNDR\n'
        "[4]\tcut of\n"
        "ibwarn: [77] _do_madrpc: timeout\n"
    )
    assert faults(text) == [
        "seen:3 a_port: a 1 is connected to b 3, but to b 2 on line 2; "
        "one cable per port: see which of the two lines is old",
        "seen:4 (line): no line of ibnetdiscover: '[4]\\tcut of'; "
        "give its output whole, as printed without options",
    ]


WRITERS: dict[str, tuple[Format, Callable[[Plan], str]]] = {
    "json0": (Format.LLDP_JSON, lambda p: printed.lldpcli(p.fabric.cables, LEAF, lists=True)),
    "json": (Format.LLDP_JSON, lambda p: printed.lldpcli(p.fabric.cables, LEAF, lists=False)),
    "sonic": (Format.LLDP_TABLE, lambda p: printed.sonic(p.fabric.cables, LEAF)),
    "cumulus": (Format.LLDP_TABLE, lambda p: printed.cumulus(p.fabric.cables, LEAF, nvue=False)),
    "nvue": (Format.LLDP_TABLE, lambda p: printed.cumulus(p.fabric.cables, LEAF, nvue=True)),
}


@pytest.mark.parametrize("form", WRITERS)
def test_neighbours_of_one_leaf(one_su: Plan, form: str) -> None:
    """All 64 of its cables are looked for, and none elsewhere."""
    wanted, write = WRITERS[form]
    text = write(one_su)
    assert recognised(LEAF, text) is wanted
    found = lldp(one_su, text)
    assert (found.planned, found.right, found.findings) == (64, 64, ())


@pytest.mark.parametrize("form", WRITERS)
def test_two_cables_exchanged_at_a_leaf(one_su: Plan, form: str) -> None:
    """Two uplinks, whose ends have names that mean themselves."""
    cables = list(one_su.fabric.cables)
    one, two = [at for at, c in enumerate(cables) if c.a_device == LEAF][:2]
    a, b = cables[one], cables[two]
    cables[one] = a._replace(b_device=b.b_device, b_port=b.b_port, b_index=b.b_index)
    cables[two] = b._replace(b_device=a.b_device, b_port=a.b_port, b_index=a.b_index)
    changed = Plan.from_json(one_su.to_json())
    object.__setattr__(changed.fabric, "cables", tuple(cables))
    found = lldp(one_su, WRITERS[form][1](changed))
    assert [finding.kind for finding in found.findings] == ["swapped"]
    assert found.right == 62


def test_the_prompt_says_whose_neighbours_they_are(one_su: Plan) -> None:
    leaves = [f"compute-leaf-s01-r{rail}" for rail in (1, 2)]
    cables = one_su.fabric.cables
    text = "".join(f"admin@{n}:~$ show lldp table\n{printed.sonic(cables, n)}" for n in leaves)
    text += f"{LEAF} | CHANGED | rc=0 >>\n{printed.cumulus(cables, LEAF, nvue=True)}"
    seen = parse_observed("all.txt", text)
    assert seen.devices == {*leaves, LEAF}
    found = compare(one_su, seen)
    assert (found.planned, found.right, found.findings) == (3 * 64, 3 * 64, ())


def test_a_file_is_named_as_its_device(one_su: Plan, tmp_path: Path) -> None:
    file = tmp_path / f"{LEAF}.json"
    file.write_text(WRITERS["json0"][1](one_su))
    seen = read_observed([str(file)], {LEAF})
    assert seen.devices == {LEAF} and {link.by for link in seen.links} == {LEAF}
    (tmp_path / "lldp.json").write_text(file.read_text())
    with pytest.raises(FaultsError, match="whose neighbours these are is not said; name the file"):
        read_observed([str(tmp_path / "lldp.json")], {LEAF})


def test_a_leaf_without_neighbours_has_lost_them_all(one_su: Plan) -> None:
    """Asked, and silent: its cables are missing where the network was observed."""
    for text in ('{"lldp": [{}]}', '{"lldp": {}}'):
        seen = parse_observed("x", text, device=LEAF)
        assert seen.devices == {LEAF} and seen.links == ()


def test_a_network_card_beside_its_system_is_no_second_neighbour() -> None:
    port = {"id": [{"type": "mac", "value": "48:b0:2d:00:00:02"}], "descr": [{"value": "eth4"}]}
    both = [
        {"name": "swp1s0", "chassis": [{"id": [{"value": "aa"}]}], "port": [port]},
        {"name": "swp1s0", "chassis": [{"name": [{"value": "n1"}]}], "port": [port]},
    ]
    seen = parse_observed("x", json.dumps({"lldp": [{"interface": both}]}), device=LEAF)
    assert [link.b for link in seen.links] == [End("n1", "eth4")]


def test_lldp_json_tells_every_fault() -> None:
    assert faults("{") == [
        "seen:1 (file): not JSON: Expecting property name enclosed in double quotes; "
        "give the output of: lldpcli show neighbors -f json0"
    ]
    assert faults('{"config": {}}') == [
        "seen:1 lldp: missing; found: config; give the output of: lldpcli show neighbors -f json0"
    ]
    text = '{"lldp": {"interface": [\n{"swp1": {}},\n{"swp2": {"port": {"ttl": "9"}}}]}}'
    assert [line.partition(";")[0] for line in faults(text)] == [
        "seen:2 swp1.port.id: missing",
        "seen:3 swp2.port.id: missing",
    ]
    one = '{"swp1": {"chassis": {"%s": {"id": {}}}, "port": {"id": {"value": "1"}}}}'
    text = f'{{"lldp": {{"interface": [{one % "a"}, {one % "b"}]}}}}'
    (line,) = faults(text)
    assert line.startswith(f"seen:1 swp1: {LEAF} swp1 has the neighbour b 1, but a 1 on line 1; ")


def test_a_table_tells_every_fault() -> None:
    text = printed.table(
        ("Interface", "Speed", "Type", "Remote Host", "Remote Port"),
        [
            ("swp1s0", "400G", "swp", "compute-spi…", "swp1s0"),
            ("swp1s1", "400G", "swp", "x", ""),
            ("swp2s0", "400G", "swp", "", ""),
        ],
    )
    assert faults(text) == [
        "seen:3 far: 'compute-spi…' is cut off; print it into a file, or on a wider terminal",
        "seen:4 (row): a port is missing; give the row as it was printed",
    ]
    (line,) = faults(text.replace("…", ""), device="")[:1]
    assert line.startswith("seen:4 (row)")


@pytest.mark.parametrize("version", SHEETS)
def test_sheets_of_a_p2p_file(one_su: Plan, version: str) -> None:
    header, row = SHEETS[version]
    lines = [header]
    for c in one_su.fabric.cables:
        if c.layer == "node-leaf":
            ports = [
                printed.switch_port(c.b_port, f) for f in (printed.swp, lambda a, b: f"sw{a}p{b}")
            ]
            lines.append(row.format(c.a_device, c.a_index, c.b_device, c.b_index, *ports))
    text = "\n".join(lines)
    assert recognised("x", text) is Format.P2P
    found = compare(one_su, parse_observed("x", text))
    assert found.right == 256 and {it.kind for it in found.findings} == {"missing"}


def test_a_p2p_file_tells_every_fault() -> None:
    assert faults("A-Node Name,A-Port,Z-Node Name\n") == [
        "seen:1 Z-Port: column is missing; found: A-Node Name, A-Port, Z-Node Name"
    ]
    assert faults("A-Node,A-Port,Z-Node,Z-Port\na,1,b,\na,1,a,1\n") == [
        "seen:2 Z-Port: empty; give the device and port that were observed",
        "seen:3 Z-Port: a 1 is given for both ends",
    ]


def test_what_is_no_format_is_told_with_all_formats() -> None:
    assert faults("# Minutes of the meeting\n") == [
        "seen:1 (file): format is not recognised: '# Minutes of the meeting'; formats: "
        "csv, p2p, ibnetdiscover, lldp-json, lldp-table; --format says which one it is"
    ]


def test_a_format_that_was_said_is_taken(one_su: Plan) -> None:
    text = printed.sonic(one_su.fabric.cables, LEAF)
    with pytest.raises(FaultsError, match="not JSON"):
        parse_observed("x", text, Format.LLDP_JSON, LEAF)
    with pytest.raises(FaultsError, match="no table of LLDP neighbours"):
        parse_observed("x", "a,b\n", Format.LLDP_TABLE, LEAF)


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("nothing")
    (tmp_path / "b").write_bytes(b"\xff")
    with pytest.raises(FaultsError) as caught:
        read_observed([str(tmp_path / name) for name in ("a", "b", "c")], ())
    assert [fault.reason.partition(":")[0] for fault in caught.value.faults] == [
        "format is not recognised", "not UTF-8", "cannot be read",
    ]  # fmt: skip
