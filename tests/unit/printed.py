"""What tools would print of a plan's cables, written here from their manuals."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from bloomery.plan.model import Cable

Ports = dict[str, list[tuple[int, str, str, int]]]
"""Device -> port number, far device, far port as printed, far number."""


def sides(cables: Iterable[Cable]) -> Ports:
    """The cables from the view of each end."""
    ports: Ports = defaultdict(list)
    for c in cables:
        ports[c.a_device].append((c.a_index, c.b_device, c.b_port, c.b_index))
        ports[c.b_device].append((c.b_index, c.a_device, c.a_port, c.a_index))
    return {device: sorted(rows) for device, rows in ports.items()}


def adapter(rail: int) -> str:
    """rdma's own count, from 0."""
    return f"mlx5_{rail - 1}"


def ibnetdiscover(
    cables: Sequence[Cable], hca: Callable[[int], str] = adapter, switch: str = "{}"
) -> str:
    """Output of infiniband-diags 44. Every adapter of a machine is a node of its own."""
    ports = sides(cables)
    switches = {c.b_device for c in cables}
    number = {device: at for at, device in enumerate(sorted(ports), 1)}

    def node(device: str, index: int) -> tuple[str, str, int]:
        if device in switches:
            return f"S-{number[device]:016x}", switch.format(device), index
        return f"H-{number[device] * 256 + index:016x}", f"{device} {hca(index)}", 1

    lines = ["#", "# Topology file: generated on Sun Nov 29 21:00:15 2026", "#", ""]
    for device, rows in ports.items():
        for index, far, _, far_index in () if device not in switches else rows:
            own, name, port = node(device, index)
            if f'"{own}"' not in lines[-1] and not lines[-1].startswith("["):
                lines += ["vendid=0x2c9", "devid=0xd2f2", f"switchguid=0x{own[2:]}({own[2:]})"]
                lines += [f'Switch\t64 "{own}"\t\t# "{name}" enhanced port 0 lid 15 lmc 0']
            other, far_name, far_port = node(far, far_index)
            guid = f"({other[2:]})" if other[0] == "H" else ""
            lines.append(f'[{port}]\t"{other}"[{far_port}]{guid} \t\t# "{far_name}" lid 3 4xNDR')
        lines.append("")
        for index, far, _, far_index in () if device in switches else rows:
            own, name, port = node(device, index)
            other, far_name, far_port = node(far, far_index)
            lines += [f"caguid=0x{own[2:]}", f'Ca\t1 "{own}"\t\t# "{name}"']
            lines.append(
                f'[{port}]({own[2:]}) \t"{other}"[{far_port}]'
                f'\t\t# lid 3 lmc 0 "{far_name}" lid 2 4xNDR'
            )
            lines.append("")
    return "\n".join(lines) + "\n"


def swp(cage: int, sub: int) -> str:
    """Port of Cumulus Linux."""
    return f"swp{cage}s{sub - 1}"


def etp(cage: int, sub: int) -> str:
    """Port of SONiC by its alias, which it announces."""
    return f"etp{cage}{'abcdefgh'[sub - 1]}"


def lanes(cage: int, sub: int) -> str:
    """Port of SONiC by its first lane, eight a cage and two ports in it."""
    return f"Ethernet{(cage - 1) * 8 + (sub - 1) * 4}"


def switch_port(printed: str, form: Callable[[int, int], str]) -> str:
    """``p07/2`` in the words of a switch; a host's port is an interface of Linux."""
    if not printed.startswith("p"):
        return f"enp{16 * int(printed.lstrip('hcasto'))}s0np0"
    cage, sub = printed[1:].split("/")
    return form(int(cage), int(sub))


def own_and_far(cables: Iterable[Cable], device: str) -> list[tuple[str, str, str]]:
    """Own port as printed, far device, far port as printed."""
    rows = []
    for c in cables:
        if device == c.a_device:
            rows.append((c.a_port, c.b_device, c.b_port))
        if device == c.b_device:
            rows.append((c.b_port, c.a_device, c.a_port))
    return rows


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as tabulate writes it."""
    found = [list(row) for row in rows]
    widths = [max(len(row[at]) for row in [list(headings), *found]) for at in range(len(headings))]
    lines = [headings, ["-" * width for width in widths], *found]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + "\n"
        for line in lines
    )


def sonic(cables: Iterable[Cable], device: str) -> str:
    """``show lldp table``."""
    headings = ("LocalPort", "RemoteDevice", "RemotePortID", "Capability", "RemotePortDescr")
    rows = [
        (switch_port(own, lanes), far, switch_port(port, etp), "BR", switch_port(port, lanes))
        for own, far, port in own_and_far(cables, device)
    ]
    return (
        "Capability codes: (R) Router, (B) Bridge, (O) Other\n"
        + table(headings, rows)
        + "-" * 50
        + f"\nTotal entries displayed:  {len(rows)}\n"
    )


def cumulus(cables: Iterable[Cable], device: str, *, nvue: bool) -> str:
    """``net show lldp``, or ``nv show interface lldp``."""
    headings = (
        ("Interface", "Speed", "Type", "Remote Host", "Remote Port")
        if nvue
        else ("LocalPort", "Speed", "Mode", "RemoteHost", "RemotePort")
    )
    rows = [
        (switch_port(own, swp), "400G", "swp", f"{far}.example.net", switch_port(port, swp))
        for own, far, port in own_and_far(cables, device)
    ]
    return "\n" + table(headings, rows)


def lldpcli(cables: Iterable[Cable], device: str, *, lists: bool) -> str:
    """``lldpcli show neighbors -f json0``, or ``-f json``."""
    found: list[object] = []
    for own, far, port in own_and_far(cables, device):
        name, far_port = switch_port(own, swp), switch_port(port, swp)
        if lists:
            found.append({
                "name": name, "via": "LLDP", "rid": "1", "age": "0 day, 00:01:02",
                "chassis": [{"id": [{"type": "mac", "value": "48:b0:2d:00:00:01"}],
                             "name": [{"value": far}], "descr": [{"value": "Linux"}]}],
                "port": [{"id": [{"type": "ifname", "value": far_port}],
                          "descr": [{"value": far_port}], "ttl": [{"value": "120"}]}],
            })  # fmt: skip
        else:
            body = {
                "via": "LLDP", "rid": "1", "age": "0 day, 00:01:02",
                "chassis": {far: {"id": {"type": "mac", "value": "48:b0:2d:00:00:01"},
                                  "descr": "Linux"}},
                "port": {"id": {"type": "ifname", "value": far_port}, "descr": far_port,
                         "ttl": "120"},
            }  # fmt: skip
            found.append({name: body})
    return json.dumps({"lldp": [{"interface": found}] if lists else {"interface": found}}, indent=1)
