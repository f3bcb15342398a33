"""A BMC is trusted by pin or by site CA and serial; else not one byte of HTTP reaches it."""

from __future__ import annotations

import datetime
import logging

import pytest

from bloomery.drivers.redfish.protocol import Trust
from bloomery.errors import CredentialRefused, NotReadyError, NotTrusted
from bloomery.trust.ca import ensure_ca, issue
from bloomery.trust.secret import SiteSecret

SERIAL = "BLM0042"


def refused(rig, trust):
    with pytest.raises(NotTrusted) as caught:
        rig.login(trust=trust)
    assert rig.fake.accounts.attempts == 0
    assert list(rig.fake.calls) == []
    return str(caught.value)


def other_ca(tmp_path):
    path = tmp_path / "other-ca.pem"
    ensure_ca(SiteSecret(b"o" * 32), "other", path, datetime.datetime.now(datetime.UTC))
    return path


def test_site_ca_with_the_right_serial(wire):
    wire.login().facts()


def test_pinned_fingerprint_needs_no_ca(wire):
    leaf = wire.office.leaf()
    wire.stop()
    wire.start(leaf)
    colons = ":".join(leaf.sha256[at : at + 2] for at in range(0, 64, 2)).upper()
    for pin in (leaf.sha256, colons):
        wire.login(trust=Trust(cert_sha256=pin)).facts()


def test_wrong_fingerprint(wire):
    text = refused(wire, Trust(cert_sha256="ab" * 32))
    assert "ingerprint" in text


def test_wrong_fingerprint_is_no_rescue_for_the_ca(wire):
    refused(wire, Trust(cert_sha256="ab" * 32, ca_file=str(wire.office.ca), chassis_serial=SERIAL))


def test_short_fingerprint(wire):
    refused(wire, Trust(cert_sha256="ab" * 20))


def test_other_ca(wire, tmp_path):
    refused(wire, Trust(ca_file=str(other_ca(tmp_path)), chassis_serial=SERIAL))


def test_other_serial(wire):
    text = refused(wire, Trust(ca_file=str(wire.office.ca), chassis_serial="BLM0043"))
    assert "BLM0042" in text and "BLM0043" in text


def test_certificate_of_another_address(wire):
    wire.stop()
    wire.start(wire.office.leaf(host="127.80.0.2"))
    refused(wire, wire.trust)


def test_expired_certificate(wire):
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=500)
    expired = issue(wire.office.secret, "tests", wire.office.ca, "127.80.0.1", past, SERIAL)
    wire.stop()
    wire.start(expired)
    refused(wire, wire.trust)


def test_no_trust_at_all_is_refused_before_connecting(wire):
    with pytest.raises(NotReadyError):
        wire.login(trust=Trust())
    assert list(wire.fake.calls) == []


def test_environment_cannot_loosen_trust(wire, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(wire.office.ca))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.80.0.3:9")
    refused(wire, Trust(ca_file=str(other_ca(tmp_path)), chassis_serial=SERIAL))
    wire.login().facts()


def test_certificate_swapped_during_a_session_is_found(wire, tmp_path, monkeypatch):
    monkeypatch.setattr("bloomery.drivers.redfish.wire.KEPT_SECONDS", 0.0)
    bmc = wire.login()
    now = datetime.datetime.now(datetime.UTC)
    stranger = issue(SiteSecret(b"o" * 32), "other", other_ca(tmp_path), "127.80.0.1", now, SERIAL)
    bundle = (stranger.certificate + stranger.key).decode()
    wire.do(lambda: wire.fake.certificates.replace(bundle))
    seen = len(wire.fake.calls)
    with pytest.raises(NotTrusted):
        bmc.facts()
    assert len(wire.fake.calls) == seen


def test_log_holds_no_secret_even_at_debug_level(wire, caplog):
    caplog.set_level(logging.DEBUG)
    seed = "https://127.80.0.9:8480/seed/unguessable"
    bmc = wire.login()
    bmc.insert_media("Seed", seed)
    bmc.set_password("admin", "Derived-9pass-7z")
    with pytest.raises(CredentialRefused) as refusal:
        wire.login()
    token = bmc._session.token
    text = caplog.text + str(refusal.value)
    assert caplog.records  # what urllib3 says of each connection
    for secret in (seed, "unguessable", "Derived-9pass-7z", "left-the-factory-1", token):
        assert secret not in text
