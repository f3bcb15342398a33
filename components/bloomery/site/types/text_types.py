"""The kinds of text a site is written in, each with its own refusal."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from bloomery.catalogue import node_models, release_names
from bloomery.catalogue.pdu import pdu_models
from bloomery.runs.registry import run_kinds
from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse, suggest
from bloomery.site.types.label_forms import plain_mac, plain_serial, plain_uuid
from bloomery.site.types.name_range import RACK_HINT, RACK_NAME
from bloomery.site.types.placeholder_uuids import is_placeholder

JUNK_SERIALS = frozenset(
    {"to be filled by o.e.m.", "default string", "not specified", "none", "n/a", "0123456789"}
)
"""Serials boards report when nobody set one: many machines share them, so they prove nothing."""

DNS_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
"""RFC 1123 label that begins with a letter: a name is also a host name."""

DOMAIN_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""RFC 1123 label of the domain behind a host name: it may begin with a digit."""

LONGEST_MACHINE = 64
"""Characters of a machine's name with its domain. RFC 1123 allows 253; a host name of Linux
(``HOST_NAME_MAX``) and the name of a device in NetBox end at 64."""


def _match(pattern: str, text: str, what: str, hint: str) -> str:
    if not text:
        raise refuse("empty", hint)
    if not re.fullmatch(pattern, text):
        raise refuse(f"{shorten(text)} is not {what}", hint)
    return text


def _name(text: str) -> str:
    hint = "a letter, then up to 62 letters, digits and inner hyphens, all lower case"
    return _match(DNS_LABEL.pattern, text, "a name", hint)


def _machine(text: str) -> str:
    first, *domain = text.split(".")
    _name(text if not domain else first)
    hint = "labels of up to 63 letters, digits and inner hyphens, all lower case, dots between them"
    if not all(DOMAIN_LABEL.fullmatch(label) for label in domain):
        raise refuse(f"{shorten(text)} is not a host name", hint)
    if domain and domain[-1].isdigit():
        raise refuse(f"{shorten(text)} ends in a number", "the last label has a letter: hall1.ua")
    if len(text) > LONGEST_MACHINE:
        reason = f"{shorten(text)} has {len(text)} characters"
        raise refuse(reason, f"at most {LONGEST_MACHINE}, with its domain")
    return text


def _rack(text: str) -> str:
    return _match(RACK_NAME.pattern, text, "a rack name", RACK_HINT)


def _row(text: str) -> str:
    hint = "letters, digits and inner hyphens: A, row-1"
    return _match(r"[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", text, "a row", hint)


def _country(text: str) -> str:
    return _match(r"[A-Z]{2}", text, "a country code", "two capital letters, as in ISO 3166-1: UA")


def _location(text: str) -> str:
    return _match(r"[A-Z]{2}-[a-z0-9-]+", text, "a location", "COUNTRY-place: UA-kyiv")


def _user(text: str) -> str:
    hint = "a letter, then letters, digits, hyphens, all lower case"
    _match(r"[a-z_][a-z0-9_-]{0,31}", text, "a login name", hint)
    if text == "root":
        raise refuse("'root' cannot be the login", "name a user; it gets sudo")
    return text


def _mac(text: str) -> str:
    mac = plain_mac(text)
    _match(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", mac, "a MAC address", "six pairs: 02:00:5e:10:00:01")
    if int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00":
        raise refuse(f"{text!r} cannot be the MAC of one port", "a group or an empty address")
    return mac


def _serial(text: str) -> str:
    hint = "1 to 64 letters, digits, '.', '_', '/', '-'"
    plain = plain_serial(text)
    if plain.lower() in JUNK_SERIALS:
        raise refuse(f"{text!r} is a placeholder", "set a serial on the machine, or ask the vendor")
    _match(r"[A-Za-z0-9._/-]{1,64}", plain, "a serial number", hint)
    return plain


def _uuid(text: str) -> str:
    hint = "8-4-4-4-12 hex digits"
    plain = plain_uuid(text)
    lowered = _match(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", plain, "a UUID", hint)
    if is_placeholder(uuid.UUID(lowered)):
        raise refuse(f"{text!r} is a placeholder", "the board has no UUID set; ask the vendor")
    return lowered


def _fingerprint(text: str) -> str:
    digest = text.lower().replace(":", "")
    if text:
        _match(r"[0-9a-f]{64}", digest, "a SHA-256 fingerprint", "64 hex digits, or empty: site CA")
    return digest


def _node_model(text: str) -> str:
    if text not in node_models():
        raise refuse(f"unknown model {text!r}", suggest(text, node_models(), "models"))
    return text


def _pdu_model(text: str) -> str:
    if text not in pdu_models():
        raise refuse(f"unknown PDU {text!r}", suggest(text, pdu_models(), "PDUs"))
    return text


def _release(text: str) -> str:
    if text not in release_names():
        raise refuse(f"unknown release {text!r}", suggest(text, release_names(), "releases"))
    return text


def _run(text: str) -> str:
    if text not in run_kinds():
        raise refuse(f"unknown run {text!r}", suggest(text, run_kinds(), "runs"))
    return text


def _currency(text: str) -> str:
    return _match(r"[A-Z]{3}", text, "a currency", "three capital letters, as in ISO 4217: EUR")


def _day(text: str) -> str:
    hint = "year, month and day: 2027-12-31"
    _match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, "a day", hint)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise refuse(f"{text!r} is not in the calendar", hint) from None


def _text(text: str) -> str:
    return _match(r"[^\x00-\x1f]+", text, "one line of text", "write a value or remove the key")


Name = Annotated[str, AfterValidator(_name)]
MachineName = Annotated[str, AfterValidator(_machine)]
RackName = Annotated[str, AfterValidator(_rack)]
RowName = Annotated[str, AfterValidator(_row)]
Country = Annotated[str, AfterValidator(_country)]
Location = Annotated[str, AfterValidator(_location)]
User = Annotated[str, AfterValidator(_user)]
Mac = Annotated[str, AfterValidator(_mac)]
Serial = Annotated[str, AfterValidator(_serial)]
Uuid = Annotated[str, AfterValidator(_uuid)]
Fingerprint = Annotated[str, AfterValidator(_fingerprint)]
ModelKey = Annotated[str, AfterValidator(_node_model)]
PduKey = Annotated[str, AfterValidator(_pdu_model)]
ReleaseName = Annotated[str, AfterValidator(_release)]
RunName = Annotated[str, AfterValidator(_run)]
Currency = Annotated[str, AfterValidator(_currency)]
Day = Annotated[str, AfterValidator(_day)]
Text = Annotated[str, AfterValidator(_text)]
