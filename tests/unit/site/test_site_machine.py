"""One row of the delivery list: what is written in different ways is one value."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bloomery.site import Machine

ROW = {
    "name": "train-01",
    "pool": "train",
    "rack": "r01",
    "unit": "1",
    "bmc_mac": "02:10:00:00:00:01",
    "bmc_address": "10.1.1.1",
    "bmc_cert_sha256": "",
    "chassis_serial": "SN-01",
    "system_uuid": "0b6f6f0e-2f5c-4c9e-8d55-5a3c6a1f0001",
}


def read(**cells: str) -> Machine:
    return Machine.model_validate({**ROW, **cells})


def test_mac_and_uuid_become_lower_case_with_colons() -> None:
    assert read(bmc_mac="02-AB-00-00-00-01").bmc_mac == "02:ab:00:00:00:01"
    upper = ROW["system_uuid"].upper()
    assert read(system_uuid=upper).system_uuid == ROW["system_uuid"]


def test_fingerprint_as_openssl_prints_it() -> None:
    printed = ":".join(["AB"] * 32)
    assert read(bmc_cert_sha256=printed).bmc_cert_sha256 == "ab" * 32


@pytest.mark.parametrize("address", ["10.1.1.1", "10.1.1.1:8443", "10.1.1.1:1", "10.1.1.1:65535"])
def test_good_bmc_addresses(address: str) -> None:
    assert read(bmc_address=address).bmc_address == address


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("bmc_address", "10.1.1.1:0"),
        ("bmc_address", "10.1.1.1:65536"),
        ("bmc_address", "10.1.1.1:"),
        ("bmc_address", "10.1.1.01"),
        ("bmc_address", "bmc-1"),
        ("bmc_address", "10.1.1.1:²"),
        ("bmc_mac", "00:00:00:00:00:00"),
        ("bmc_mac", "ff:ff:ff:ff:ff:ff"),
        ("system_uuid", "00000000-0000-0000-0000-000000000000"),
        ("chassis_serial", "Default String"),
        ("chassis_serial", "AB 01"),
        ("name", "train_01"),
        ("name", "-train"),
        ("name", "1train"),
        ("name", "a" * 64),
        ("name", "train-01."),
        ("name", "train-01.Hall1"),
        ("name", "train-01.hall_1"),
        ("name", "train-01.hall1.9"),
        ("name", "train-01.-hall1"),
        ("name", "01.hall1"),
        ("name", "train-01." + "a" * 64),
        ("name", "train-01." + "a." * 28),
        ("rack", "1A"),
        ("rack", "A_1"),
        ("rack", "A01-"),
        ("rack", "A" * 49),
        ("number", "0"),
        ("unit", "0"),
        ("unit", "1.5"),
        ("unit", ""),
        ("bmc_cert_sha256", "ab" * 31),
    ],
)
def test_bad_cells(column: str, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(**{column: text})
    assert [error["loc"] for error in caught.value.errors()] == [(column,)]
