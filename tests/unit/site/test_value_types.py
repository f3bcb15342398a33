"""The types of values: what each takes and refuses, and that no key has a type of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from lock_samples import place
from pydantic import TypeAdapter, ValidationError

from bloomery.site.draft.workload import Workload
from bloomery.site.host_addresses import address_faults
from bloomery.site.metal.delivery import Delivery
from bloomery.site.metal.machine import Machine
from bloomery.site.model import SiteSheet
from bloomery.site.reading.document import Document
from bloomery.site.types.keys import Key, every_key
from bloomery.site.types.network_types import Address, AddressPool, Cidr, Endpoint, HostName, Url
from bloomery.site.types.placeholder_uuids import KNOWN, is_placeholder
from bloomery.site.types.quantity import Kilowatts, Number, Price
from bloomery.site.types.text_types import Uuid
from bloomery.site.types.whole_number import MOST, Count, CountOrZero, Port, RackUnits

KEYS = [key for model in (SiteSheet, Workload, Machine) for key in every_key(model)]

NINES = "9" * 49

NO_NUMBERS = (
    *("", "x", "1_000", "1__0", "1e999", "-1e999", "nan", ".nan", "inf", "-inf", ".inf"),
    *(
        "٣",
        "１２",
        "1,5",
        "1 2",
        "--1",
        "1e",
        "NaN",
        NINES,
        f"-{NINES}",
        "9" * 5000,
        "-41",
        "-1e30",
    ),
)
"""What no key of a number takes, whatever its unit."""

PORTS = ("84800", "65536", "-8480", "-1", "0", "port", "", "８０", "80_80", "+80", "9" * 5000)
"""What is no TCP port."""


def taken(kind: object, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        assert "value_error" not in {it["type"] for it in error.errors()}, "no hint is told"
        return False
    return True


def takes(key: Key, text: str) -> bool:
    try:
        key.adapter.validate_python(text)
    except ValidationError:
        return False
    return True


GOOD = [
    (Count, ("1", "0012", str(MOST))),
    (CountOrZero, ("0", "-0", str(MOST))),
    (Port, ("1", "22", "65535")),
    (RackUnits, ("1", "01", "60")),
    (Number, ("1e-9", "1.15", "+5", "1e3")),
    (Price, ("0", "95", "1e15")),
    (Kilowatts, ("40", "40 kW", "800 W", "1.2 MW", "10 MW")),
    (Address, ("10.40.0.1", "127.77.0.1", "1.0.0.0", "223.255.255.255")),
    (Cidr, ("10.0.0.0/8", "10.40.0.0/16", "10.40.0.0/30")),
    (AddressPool, ("10.96.0.0/20", "10.96.0.0/31", "10.96.0.1/32")),
    (Endpoint, ("10.20.0.1", "10.20.0.1:1", "10.20.0.1:65535")),
    (HostName, ("time.example", "Time.Example", "10.40.0.1", "1a.2b")),
    (
        Url,
        (
            *("http://10.40.0.1", "https://10.40.0.2:8480/media/", "https://depot:1"),
            *("http://a.example:65535/x%20y", "https://[fd00::1]:8480", "https://[fd00::1]"),
        ),
    ),
]

BAD = [
    (Count, ("0", "0x10", "1.0", "1e3", "+5", " 5", str(MOST + 1))),
    (CountOrZero, ("-1", "1.0", str(MOST + 1))),
    (Port, PORTS),
    (RackUnits, ("0", "61", "1U")),
    (Number, ("0", "0x10", "1e-10", "5 m", "1e13")),
    (Price, ("-0.01", "1e16", "5 EUR")),
    (Kilowatts, ("0", "1e-10 kW", "11 GW", "1e8 kW", "1_0 kW", "1 0 kW", "1e300 MW", "1e308 MW")),
    (Address, ("0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "10.1", "1.2.3.4.5", "")),
    (Address, ("10.40.0.256", "10.40.0.01", "１０.1.1.1", "10.40.0.1:80", "fd00::1")),
    (Cidr, ("10.40.0.1/16", "10.40.0.0", "10.40.0.0/31", "10.40.0.0/32", "0.0.0.0/0", "8.0.0.0/7")),
    (
        Cidr,
        ("224.0.0.0/8", "255.255.0.0/16", "10.0.0.0/33", "10.0.0.0/-1", "", "10.0.0.0/255.0.0.0"),
    ),
    (AddressPool, ("10.96.0.1/31", "0.0.0.0/0", "240.0.0.0/8", "10.96.0.0/33")),
    (Endpoint, ("", ":443", "x:443", *(f"10.20.0.1:{port}" for port in PORTS))),
    (HostName, ("*.example", "example", "999.1.1.1", "10.1", "a..example", "-a.example", "a_b.c")),
    (HostName, ("a.example.", f"{'a' * 64}.example", ".".join(["abcdefg"] * 40), "0.0.0.0")),
    (Url, tuple(f"https://10.40.0.2:{port}" for port in PORTS)),
    (Url, tuple(f"https://[fd00::1]:{port}" for port in PORTS)),
    (
        Url,
        ("", "http://", "ftp://a.example", "//a.example", "a.example", "https:///path", "http:x"),
    ),
    (Url, ("https://u:p@a.example", "https://u@a.example", "https://@a.example", "https://:p@a.b")),
    (Url, ("https://a b", "https://a.example/x y", "https://a.example\t", "https://a\n.example")),
    (
        Url,
        ("https://[::1", "https://[::g]", "https://::1", "https://[]", "https://[fd00::1%25eth0]"),
    ),
    (
        Url,
        ("https://a.example?x=1", "https://a.example/#x", "https://a\\@b.example", "https://a<b>"),
    ),
    (Url, ("https://10.40.0.256", "https://10.1", "https://0.0.0.0", "https://255.255.255.255")),
    (
        Url,
        ("https://дepot.example", "https://a\u2100.example", "https://a_b.example", "https://-a"),
    ),
]


@pytest.mark.parametrize(("kind", "texts"), GOOD)
def test_good_values_are_taken(kind: object, texts: tuple[str, ...]) -> None:
    assert [text for text in texts if not taken(kind, text)] == []


@pytest.mark.parametrize(("kind", "texts"), BAD)
def test_bad_values_are_refused(kind: object, texts: tuple[str, ...]) -> None:
    assert [text for text in texts if taken(kind, text)] == []


def numbers() -> Iterator[Key]:
    """Each number, also those that stand as the keys of a mapping."""
    yield from (key for key in KEYS if key.is_number)
    yield Key(("per_cage",), _key_of(next(key for key in KEYS if key.pattern[-1] == "per_cage")))


def _key_of(key: Key) -> object:
    return key.types[0].__args__[0]


@pytest.mark.parametrize("key", list(numbers()), ids=str)
def test_every_number_is_bounded_on_both_sides(key: Key) -> None:
    assert [text for text in NO_NUMBERS if takes(key, text)] == []


def test_a_float_that_is_no_number_is_refused_in_every_sheet() -> None:
    """Of a site that is built in Python, where no text is read."""
    floats = [key for key in KEYS if key.is_number and float in key.types]
    assert len(floats) > 80
    assert [str(key) for key in floats if any(takes(key, it) for it in (float("nan"), 1e300))] == []


@pytest.mark.parametrize("key", [it for it in KEYS if takes(it, "https://10.40.0.2")], ids=str)
def test_every_url_has_a_port(key: Key) -> None:
    """Keys of any text take a URL too; those that take nothing else refuse its bad ports."""
    if not takes(key, "some words"):
        assert [port for port in PORTS if takes(key, f"https://10.40.0.2:{port}")] == []


ADDRESSES = [it for it in KEYS if takes(it, "10.40.0.1") and not takes(it, "some words")]
HOSTS = [
    key
    for key in every_key(SiteSheet)
    if key.is_plain
    and not takes(key, "some words")
    and (takes(key, "10.40.0.1") or takes(key, "https://10.40.0.1"))
    and not takes(key, "580.1")
]
"""Every key that names a host, told by what it takes."""


@pytest.mark.parametrize("key", [it for it in ADDRESSES if not takes(it, "580.1")], ids=str)
def test_every_address_is_one_of_a_host(key: Key) -> None:
    assert [text for text in ("0.0.0.0", "255.255.255.255", "239.1.1.1") if takes(key, text)] == []


def test_hosts_are_found() -> None:
    names = {str(key) for key in HOSTS}
    assert {"depot.url", "depot.media", "networks.oob.controller"} <= names
    assert {"networks.provisioning.gateway", "sovereignty.facility.broker"} <= names
    assert {"sovereignty.registries[]", "sovereignty.egress.proxies[].url"} <= names
    assert {"sovereignty.time_sources[]", "sovereignty.egress.allow[].host"} <= names
    assert len(names) == 9


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("10.99.0.0", "10.99.0.0 is the network's own address of 10.99.0.0/24"),
        ("10.99.0.255", "10.99.0.255 is the broadcast address of 10.99.0.0/24"),
        ("10.99.1.0", None),
        ("10.99.0.1", None),
    ],
)
@pytest.mark.parametrize("key", HOSTS, ids=str)
def test_no_host_is_the_end_of_a_network(key: Key, address: str, told: str | None) -> None:
    text = address if takes(key, address) else f"https://{address}:8480/x"
    data = place(key.pattern, text)
    assert isinstance(data, dict)
    networks = data.setdefault("networks", {})
    networks.setdefault("provisioning", {})["cidr"] = "10.99.0.0/24"  # type: ignore[union-attr,index,call-overload]
    found = list(address_faults(Document("site.yaml", data=data), SiteSheet))
    assert [fault.reason for fault in found] == ([told] if told else [])


def test_no_bmc_is_the_end_of_a_network() -> None:
    rows = [
        (2, "a", "10.99.0.0"),
        (3, "b", "10.99.0.255:8443"),
        (4, "c", "10.99.0.1"),
        (5, "d", "x"),
    ]
    delivery = Delivery("machines.csv", endpoints=rows)
    document = Document("site.yaml", data={"networks": {"oob": {"cidr": "10.99.0.0/24"}}})
    found = list(address_faults(document, SiteSheet, delivery))
    assert [(fault.line, fault.path) for fault in found] == [
        (2, "a.bmc_address"),
        (3, "b.bmc_address"),
    ]


PLACEHOLDERS = (
    *(f"{d * 8}-{d * 4}-{d * 4}-{d * 4}-{d * 12}" for d in "0123456789abcdef"),
    *("03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009"),
    *("fefefefe-fefe-fefe-fefe-fefefefefefe", "58585858-5858-5858-5858-585858585858"),
    *("4c4c4544-0000-2010-8020-80c04f202020", "44454c4c-0000-1020-8020-80c04f202020"),
    *("12345678-1234-5678-90ab-cddeefaabbcc", "03020100-0504-0706-0809-0a0b0c0d0e0f"),
    *("00010203-0405-0607-0809-0a0b0c0d0e0f", "10000000-0000-8000-0040-000000000000"),
    "12345678-ffff-ffff-ffff-ffffffffffff",
)


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders_are_refused(text: str) -> None:
    assert not taken(Uuid, text) and not taken(Uuid, text.upper())


@pytest.mark.parametrize(
    "text",
    [
        "4c4c4544-0042-3510-8052-b3c04f4b4e32",  # Dell, with a service tag
        "6d0f7a10-5c1e-4b8a-9a53-770100000001",
        "11111111-1111-1111-1111-111111111112",
        "00000000-0000-0000-0000-ac1f6bd04850",  # Supermicro: the MAC of a port behind zeros
    ],
)
def test_uuids_of_one_machine_are_taken(text: str) -> None:
    assert taken(Uuid, text)


def test_known_placeholders_are_found_in_both_orders_of_octets() -> None:
    assert all(is_placeholder(it) and is_placeholder(uuid.UUID(bytes=it.bytes_le)) for it in KNOWN)
