"""Ways a medium is read: by a BMC that is given the site CA, or by firmware from a URL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from site_in_process import SiteInProcess, Watched, node_plan

from bloomery.drivers.redfish.protocol import MediaSlot, MediaTrust, Personality
from bloomery.errors import Unsupported
from bloomery.plan.model import NodePlan


@pytest.mark.parametrize(("media", "slot"), [("one", "Cd"), ("two", "Seed")])
async def test_bmc_is_given_the_site_ca_for_what_the_controller_serves(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch, media: str, slot: str
) -> None:
    """The web server of installation media may be of another CA."""
    given: list[tuple[str, str]] = []

    def believe(_self: Watched, slot: MediaSlot, ca: str) -> MediaTrust:
        given.append((slot, ca))
        return MediaTrust(verifies=True, why="by the site CA in /its/store")

    monkeypatch.setattr(Watched, "believe_ca", believe)
    shop.media = media
    shop.restart()
    assert (await shop.up())["ready"] is True
    assert given == [(slot, shop.context.state.ca.read_text())]
    said = [one.data.get("said") for one in shop.context.journal("n01").entries()]
    assert said.count("verified: by the site CA in /its/store") == 1


def by_http_boot(shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch) -> NodePlan:
    """A machine whose firmware starts from a URL, and reads it from the machine's own address."""
    whole = Watched.personality

    def way(self: Watched) -> Personality:
        at = "/redfish/v1/Systems/1"
        return replace(whole(self), slots={"Cd": at}, insert={"Cd": "http boot"})

    monkeypatch.setattr(Watched, "personality", way)
    node = node_plan()
    own = replace(node, host=replace(node.host, address="127.83.9.1"))
    shop.metal.address = own.host.address
    shop.by_host[own.host.address] = shop.metal
    return own


async def test_firmware_that_starts_from_a_url_reads_from_the_machines_address(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = by_http_boot(shop, monkeypatch)
    shop.media = "two"
    shop.restart()
    made = await shop.up(node)
    assert (made["ready"], made["reason"]) == (True, "")
    assert shop.metal.installed == [1]
    shop.metal.address = "127.83.1.1"  # its BMC asks instead
    made = await shop.up(replace(node, install_generation=2))
    assert made["ready"] is False
    assert shop.metal.installed == [1]


async def test_without_tls_no_medium_leaves_the_bmc_network(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = by_http_boot(shop, monkeypatch)
    made = await shop.up(replace(node, bmc=replace(node.bmc, media_transport="http")))
    assert "media without TLS are served in the BMC network alone" in str(made["reason"])
    assert not [one for one in shop.wrote() if "insert" in one]


async def test_bmc_that_takes_no_url_is_told_of_the_other_way(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Watched, slot: MediaSlot, url: str) -> None:
        raise Unsupported("HTTP 400: no URL this service fetches", subject="n01")

    monkeypatch.setattr(Watched, "insert_media", refuse)
    made = await shop.up()
    assert "media_transport: http of its pool" in str(made["nextStep"])
