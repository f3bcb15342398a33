"""Identities in the forms that labels, QR codes and vendors' tools print."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from bloomery.site.metal.delivery import Delivery, parse_delivery
from bloomery.site.metal.machine import COLUMNS
from bloomery.site.types.text_types import Mac, Serial, Uuid

MAC = "02:ab:5e:10:00:0f"
UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
SERIAL = "BX00A17"

MACS = [
    MAC,
    "02-AB-5E-10-00-0F",
    "02ab5e10000f",
    "02AB5E10000F",
    "02ab.5e10.000f",
    "02AB5E-10000F",
    "02 AB 5E 10 00 0F",
    "MAC: 02AB5E10000F",
    "BMC MAC Address: 02:AB:5E:10:00:0F",
]
UUIDS = [
    UUID,
    UUID.upper(),
    "{" + UUID.upper() + "}",
    UUID.replace("-", ""),
    UUID.replace("-", "").upper(),
    f"urn:uuid:{UUID}",
    f"URN:UUID:{UUID.upper()}",
    f"UUID: {UUID}",
]
SERIALS = [
    SERIAL,
    f"  {SERIAL} ",
    f"S/N: {SERIAL}",
    f"s/n:{SERIAL}",
    f"SN {SERIAL}",
    f"SN: {SERIAL}",
    f"Serial Number: {SERIAL}",
    f"Serial No. {SERIAL}",
    f"Service Tag: {SERIAL}",
    f"SVC TAG {SERIAL}",
]


@pytest.mark.parametrize(
    ("kind", "text", "plain"),
    [
        *[(Mac, one, MAC) for one in MACS],
        *[(Uuid, one, UUID) for one in UUIDS],
        *[(Serial, one, SERIAL) for one in SERIALS],
        (Serial, "SN1234567", "SN1234567"),
        (Serial, "S/N1234", "S/N1234"),
        (Serial, "serial-7", "serial-7"),
        (Serial, "lower17x", "lower17x"),
    ],
)
def test_one_form_of_each(kind, text, plain):
    made = TypeAdapter(kind).validate_python(text)
    assert made == plain
    assert TypeAdapter(kind).validate_python(made) == made, "a normal form stays as it is"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Mac, "02-ab:5e-10:00-0f"),
        (Mac, "02ab5e10000"),
        (Mac, "02ab5e10000f0"),
        (Mac, "02ab5e10000g"),
        (Mac, "0x02ab5e10000f"),
        (Mac, "MAC 02ab5e10000f; PW: x"),
        (Mac, "01-00-5E-00-00-01"),
        (Mac, "0000.0000.0000"),
        (Mac, "\u0660\u0662ab5e10000f"),
        (Uuid, "{" + UUID),
        (Uuid, UUID[:-1]),
        (Uuid, UUID.replace("-", "") + "0"),
        (Uuid, "urn:uuid:"),
        (Uuid, "00000000000000000000000000000000"),
        (Serial, "S/N:"),
        (Serial, "S/N: To be filled by O.E.M."),
        (Serial, "SN: none"),
        (Serial, "S/N: A17 P/N: 4711"),
        (Serial, "A17\u200b"),
        (Serial, "SN: SN: A17"),
    ],
)
def test_what_is_none_in_any_form(kind, text):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


def row(number: int, **cells: str) -> str:
    base = {
        "name": f"train-0{number}",
        "pool": "train",
        "rack": "r01",
        "unit": str(number),
        "bmc_mac": f"02:00:5e:10:00:0{number}",
        "bmc_address": f"10.0.0.{number}",
        "bmc_cert_sha256": "",
        "chassis_serial": f"S000{number}",
        "system_uuid": f"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f{number}",
    }
    return ",".join({**base, **cells}[column] for column in COLUMNS)


def read(*rows: str, header: str = ",".join(COLUMNS)) -> Delivery:
    return parse_delivery("machines.csv", "\n".join([header, *rows]) + "\n")


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("bmc_mac", "02:00:5e:10:00:aa", "02-00-5E-10-00-AA"),
        ("bmc_mac", "02005e1000aa", "0200.5e10.00aa"),
        ("chassis_serial", "BX00A17", "S/N: bx00a17"),
        ("system_uuid", UUID, "{" + UUID.upper() + "}"),
    ],
)
def test_one_identity_in_two_forms_is_a_fault_with_both_lines(column, first, second):
    found = read(row(1, **{column: first}), row(2, **{column: second}), row(3))
    (fault,) = found.faults
    assert (fault.line, fault.path) == (3, f"train-02.{column}")
    assert fault.reason == f"{second!r} is that of 'train-01'"
    assert fault.hint.startswith(f"line 2 has {first!r}")


def test_label_forms_come_out_as_the_normal_form():
    cells = {"bmc_mac": MACS[3], "system_uuid": UUIDS[2], "chassis_serial": SERIALS[2]}
    (machine,) = read(row(1, **cells)).machines
    (plain,) = read(row(1, bmc_mac=MAC, system_uuid=UUID, chassis_serial=SERIAL)).machines
    assert machine == plain


@pytest.mark.parametrize(
    "column",
    ["bmc_password", "Password", "BMC PW", "ipmi_pwd", "factory-pass", "Login", "pass1", "secret"],
)
def test_password_column_is_refused_without_its_values(column):
    found = read(row(1) + ",hunter22", header=",".join([*COLUMNS, column]))
    (fault,) = found.faults
    assert fault.path == column and "would hold a password" in fault.reason
    assert "no secret in a file" in fault.hint
    assert "hunter22" not in str(fault)


@pytest.mark.parametrize("column", ["passed", "power_path", "passport_no", "bypass", "secretary"])
def test_column_that_only_sounds_like_it(column):
    assert read(row(1) + ",x", header=",".join([*COLUMNS, column])).faults == []
