"""One BMC on many ways: the fake in this process, and the emulator as each personality."""

from __future__ import annotations

import asyncio
import datetime
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
import sushy
import sushy.auth
from bmc_rig import PASSWORD, USER, Office, Rig, running

from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.drivers.redfish.protocol import Bmc
from bloomery.trust.ca import ensure_ca
from bloomery.trust.secret import SiteSecret


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    ca = tmp_path_factory.mktemp("ca") / "site-ca.pem"
    secret = SiteSecret(b"t" * 32)
    ensure_ca(secret, "tests", ca, datetime.datetime.now(datetime.UTC))
    return Office(secret, ca)


@pytest.fixture(params=["fake", "https", *(one for one in PERSONALITIES if one != "standard")])
def rig(
    request: pytest.FixtureRequest, loop: asyncio.AbstractEventLoop, office: Office
) -> Iterator[Rig]:
    """The contract holds on all."""
    yield from running(request.param, loop, office)


@pytest.fixture
def wire(loop: asyncio.AbstractEventLoop, office: Office) -> Iterator[Rig]:
    """What only exists over HTTPS."""
    yield from running("https", loop, office)


@pytest.fixture
def bmc(rig: Rig) -> Bmc:
    return rig.login()


@dataclass
class Raw:
    """Plain HTTP calls with a session of their own."""

    rig: Rig
    session: requests.Session
    token: str

    def call(self, method: str, path: str, *, login: bool = True, **options) -> requests.Response:
        headers = options.pop("headers", {})
        if login:
            headers = {**headers, "X-Auth-Token": self.token}
        url = f"https://{self.rig.address}{path}"
        return self.session.request(method, url, headers=headers, timeout=5, **options)

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    def fault(self, name: str, **options) -> None:
        self.rig.do(lambda: self.rig.fake.faults.apply(name, **options))


@pytest.fixture
def raw(wire: Rig) -> Iterator[Raw]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(wire.office.ca)
        login = {"UserName": USER, "Password": PASSWORD}
        url = f"https://{wire.address}/redfish/v1/SessionService/Sessions"
        reply = session.post(url, json=login, timeout=5)
        yield Raw(wire, session, reply.headers["X-Auth-Token"])


@pytest.fixture
def sushy_root(wire: Rig) -> Iterator[sushy.Sushy]:
    auth = sushy.auth.SessionAuth(USER, PASSWORD)
    root = sushy.Sushy(f"https://{wire.address}", auth=auth, verify=str(wire.office.ca))
    yield root
    auth.reset_session_attrs()
