"""The site CA in a slot of virtual media: put there once, verified by, or told why not."""

from __future__ import annotations

import pytest
from bmc_rig import Office, Rig, running

from bloomery.drivers.redfish.fake.slot_cas import FIRMWARE
from bloomery.drivers.redfish.protocol import Bmc

CD = "https://127.80.0.9:8480/media/debian.iso"


def test_ca_is_put_once_and_verified_by_where_slots_keep_some(
    rig: Rig, bmc: Bmc, office: Office
) -> None:
    firmware = rig.shape.habits.http_boot
    keeps = rig.shape.media.keeps_cas or firmware
    for _ in range(2):
        said = bmc.believe_ca("Cd", office.ca.read_text())
        assert said.verifies is keeps, said
        assert str(said).startswith("verified: by" if keeps else "not verified: no place for a CA")
    slots = [FIRMWARE, *(slot.id for slot in rig.fake.media.slots())]
    assert [len(rig.fake.media.cas.of(slot)) for slot in slots].count(1) == int(keeps)
    bmc.insert_media("Cd", rig.url(CD))
    cas = rig.fake.media.cas
    belief = cas.firmware() if firmware else cas.belief(rig.url(CD))
    assert (belief is not None and belief.verifies) is keeps
    rig.restart()
    assert rig.login().believe_ca("Cd", office.ca.read_text()).verifies is keeps
    assert sum(len(rig.fake.media.cas.of(slot)) for slot in slots) == int(keeps)


@pytest.fixture
def keeper(loop, office):
    yield from running("xcc2", loop, office)


def test_what_the_slot_refuses_is_told_and_the_medium_still_goes_in(
    keeper: Rig, office: Office
) -> None:
    bmc = keeper.login()
    said = bmc.believe_ca("Cd", office.leaf().certificate.decode())
    assert not said.verifies
    assert "HTTP 400: CertificateString is no PEM certificate of a CA." in said.why
    bmc.insert_media("Cd", CD)
    belief = keeper.fake.media.cas.belief(CD)
    assert belief is not None and not belief.verifies
    assert bmc.facts().media == {"Cd": CD}
