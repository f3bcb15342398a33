"""``bloomery bmc look``: what a BMC is and can do, read and never written."""

from __future__ import annotations

import csv
import json
import shutil
import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[1] / "drivers" / "redfish"))

from small_tree import (
    ACCOUNT,
    LEAF,
    MAC,
    MANAGER,
    PASSWORD,
    SERIAL,
    SLOTS,
    SYSTEM,
    USER,
    UUID,
    V1,
    SmallTree,
    at,
    slot,
)

from bloomery.cli.main import command_line
from bloomery.cli.notes import WIDTH
from bloomery.errors import InputError, LockedOut
from bloomery.provider.journal import Journal
from bloomery.trust.factory import write_factory
from bloomery.trust.secret import SiteSecret
from trees.bmc import RecordedBmc
from trees.recording import Recording
from trees.server import serve

LAB = Path(__file__).parents[3] / "inventories" / "lab"
PHASES = ["identify", "BIOS", "media", "boot once", "power", "password"]
SESSIONS = f"{V1}/SessionService/Sessions"


def run(*words: str, **more: object) -> Result:
    return CliRunner().invoke(command_line(["bmc"]), ["bmc", "look", *words], **more)  # type: ignore[arg-type]


class Served:
    """A tree that is served while the block runs, and the requests that reached it."""

    def __init__(self, tree: SmallTree, folder: Path, password: str = PASSWORD) -> None:
        served = RecordedBmc(Recording("small", tree.resources), USER, password, first=tree.first)
        answer = served.answer
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[object] = []

        def told(method: str, path: str, headers, data):
            self.asked.append((method, path))
            self.bodies.append(data)
            return answer(method, path, headers, data)

        served.answer = told  # type: ignore[method-assign]
        self._serving = serve(served, LEAF)
        self._file = folder / "password"
        self._file.write_text(PASSWORD + "\n")

    def __enter__(self) -> Served:
        self.address = self._serving.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self._serving.__exit__(*why)  # type: ignore[arg-type]

    def look(self, *words: str) -> Result:
        login = ("--pin", LEAF.sha256, "--password-file", str(self._file))
        return run(self.address, *login, *words)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Everything that reached the server but reads."""
        return [(method, path) for method, path in self.asked if method != "GET"]


def works(result: Result) -> dict[str, str]:
    return {one["phase"]: one["works"] for one in json.loads(result.output)["phases"]}


def why(result: Result, phase: str) -> str:
    found = json.loads(result.output)["phases"]
    return next(one["why"] for one in found if one["phase"] == phase)


def test_machine_with_everything(tmp_path):
    with Served(SmallTree(), tmp_path) as bmc:
        shown = bmc.look()
        told = bmc.look("--json")
    assert (shown.exit_code, told.exit_code) == (0, 0)
    assert works(told) == dict.fromkeys(PHASES, "yes")
    document = json.loads(told.output)
    parts = {one["part"]: (one["taken"], one["why"]) for one in document["parts"]}
    assert parts["system"] == (SYSTEM, "the only system of the BMC")
    assert parts["BMC"] == (MANAGER, "the system links to it")
    assert parts["installer slot"][0] == f"{SLOTS}/Disc"
    assert parts["BIOS"] == (f"{SYSTEM}/Bios/Settings", "its Settings resource")
    assert document["facts"]["system_uuid"] == {"value": UUID, "quality": "good", "why": ""}
    for said in (SERIAL, MAC, UUID, f"{SLOTS}/Disc", "its Settings resource", *PHASES):
        assert said in shown.output
    assert max(map(len, shown.output.splitlines())) <= WIDTH


def test_long_paths_cut_nothing_off(tmp_path):
    text = json.dumps(SmallTree().resources).replace("/Systems/Host", f"/Systems/{UUID}")
    tree = SmallTree(resources=json.loads(text.replace("/Managers/Bmc", f"/Managers/{UUID}-bmc")))
    with Served(tree, tmp_path) as bmc:
        shown, told = bmc.look(), bmc.look("--json")
    document = json.loads(told.output)
    texts = [one["why"] for one in (*document["parts"], *document["phases"])]
    squeezed = "".join(shown.output.split())
    assert [word for text in texts for word in text.split() if word[:12] not in squeezed] == []
    assert max(map(len, shown.output.splitlines())) <= WIDTH


def test_nothing_is_written_but_the_session(tmp_path):
    with Served(SmallTree(), tmp_path) as bmc:
        bmc.look()
        assert [method for method, _ in bmc.writes] == ["POST", "DELETE"]
        opened, ended = (path for _, path in bmc.writes)
        assert opened == SESSIONS and ended.startswith(f"{SESSIONS}/")
        bmc.asked.clear()
        bmc.look("--json")
        assert {method for method, _ in bmc.asked} == {"GET", "POST", "DELETE"}
        assert all(path.startswith(SESSIONS) for _, path in bmc.writes)


def test_what_is_missing_stops_its_phase_only(tmp_path):
    tree = SmallTree()
    tree.drop(f"{SYSTEM}/Bios", SLOTS)
    del tree[SYSTEM]["Bios"], tree[MANAGER]["VirtualMedia"]
    with Served(tree, tmp_path) as bmc:
        told = bmc.look("--json")
        shown = bmc.look()
    assert told.exit_code == shown.exit_code == 1
    assert works(told) == {**dict.fromkeys(PHASES, "yes"), "BIOS": "no", "media": "no"}
    assert why(told, "media") == "the BMC has no virtual media"
    assert "absent: the BMC tells no BIOS attributes" in " ".join(shown.output.split())


@pytest.mark.parametrize(
    ("spoil", "phase", "reason"),
    [
        (lambda tree: tree[SYSTEM].update(UUID=None, SerialNumber="N/A"), "identify", "serial"),
        (lambda tree: tree.slots(slot("Disc", "CD", Actions={"#Oem": {}})), "media", "no virtual"),
        (lambda tree: tree[SYSTEM].pop("Actions"), "power", "no reset"),
        (lambda tree: tree[SYSTEM].pop("PowerState"), "power", "PowerState"),
        (
            lambda tree: tree[SYSTEM]["Actions"]["#ComputerSystem.Reset"].update(  # type: ignore[index]
                {"ResetType@Redfish.AllowableValues": ["On", "Nmi"]}
            ),
            "power",
            "ForceOff not offered, only On, Nmi",
        ),
        (lambda tree: tree[SYSTEM].pop("Boot"), "boot once", "no boot override"),
        (lambda tree: tree[ACCOUNT].update(UserName="other"), "password", "no account 'admin'"),
    ],
)
def test_each_phase_has_what_stops_it(tmp_path, spoil, phase, reason):
    tree = SmallTree()
    spoil(tree)
    if phase == "identify":
        tree[f"{V1}/Chassis/Box"].pop("SerialNumber")
    with Served(tree, tmp_path) as bmc:
        told = bmc.look("--json")
    assert works(told)[phase] == "no"
    assert reason in why(told, phase)
    assert told.exit_code == 1


def test_fact_that_does_not_answer_now_is_unknown(tmp_path):
    tree = SmallTree()
    tree.drop(f"{SYSTEM}/Bios")
    with Served(tree, tmp_path) as bmc:
        told, shown = bmc.look("--json"), bmc.look()
    assert works(told)["BIOS"] == "unknown"
    assert "unreadable now" in shown.output
    assert told.exit_code == 1


def test_several_systems_are_named(tmp_path):
    tree = SmallTree()
    tree.add({**tree[SYSTEM], "@odata.id": f"{V1}/Systems/Other", "UUID": "", "SerialNumber": ""})
    tree[f"{V1}/Systems"]["Members"] = [at(SYSTEM), at(f"{V1}/Systems/Other")]
    with Served(tree, tmp_path) as bmc:
        told, shown = bmc.look("--json"), bmc.look()
    assert works(told)["media"] == "no" and "several systems (Host, Other)" in why(told, "media")
    assert works(told)["password"] == "yes"
    assert f"systems: {SYSTEM}, {V1}/Systems/Other" in shown.output
    assert max(map(len, shown.output.splitlines())) <= WIDTH


def test_baseboard_beside_the_host_says_why_the_host_was_taken(tmp_path):
    tree = SmallTree()
    tree.add({"@odata.id": f"{V1}/Systems/Baseboard", "UUID": UUID[::-1]})
    tree[f"{V1}/Systems"]["Members"] = [at(f"{V1}/Systems/Baseboard"), at(SYSTEM)]
    with Served(tree, tmp_path) as bmc:
        told = bmc.look("--json")
    parts = {one["part"]: one for one in json.loads(told.output)["parts"]}
    assert parts["system"]["taken"] == SYSTEM
    assert parts["system"]["why"] == "the only one of 2 systems that can be reset"


def test_factory_password_is_left_alone(tmp_path):
    with Served(SmallTree(first=True), tmp_path) as bmc:
        told = bmc.look("--json")
        assert {method for method, _ in bmc.writes} == {"POST", "DELETE"}
    assert works(told) == {**dict.fromkeys(PHASES, "unknown"), "password": "yes"}
    assert told.exit_code == 1


def test_without_a_pin_nothing_secret_is_sent(tmp_path):
    with Served(SmallTree(), tmp_path) as bmc:
        told = run(bmc.address, "--password-file", str(tmp_path / "password"))
        assert bmc.asked == [("GET", f"{V1}/")]
        assert bmc.bodies == [{}]
    assert isinstance(told.exception, InputError) and told.exception.exit_code == 2
    assert LEAF.sha256 in told.output
    assert LEAF.sha256 in str(told.exception)
    assert PASSWORD not in told.output


def test_another_certificate_ends_it_before_any_request(tmp_path):
    with Served(SmallTree(), tmp_path) as bmc:
        told = run(bmc.address, "--pin", "ab" * 32, "--password-file", str(tmp_path / "password"))
        assert bmc.asked == []
    assert isinstance(told.exception, InputError)
    assert "certificate refused" in str(told.exception)


def test_refused_password_is_tried_once_and_shown_nowhere(tmp_path):
    with Served(SmallTree(), tmp_path, password="another") as bmc:
        told = bmc.look()
        assert [path for method, path in bmc.asked if method == "POST"] == [SESSIONS]
    assert isinstance(told.exception, InputError)
    assert "login refused" in str(told.exception)
    assert PASSWORD not in f"{told.output}{told.exception}"


def test_silent_address():
    with socket.socket() as taken:
        taken.bind(("127.149.0.1", 0))  # bound and not listening: refused
        address = f"127.149.0.1:{taken.getsockname()[1]}"
        told = run(address, "--pin", "ab" * 32, "--password-file", "-", input="x\n")
        unpinned = run(address)
    for one in (told, unpinned):
        assert isinstance(one.exception, InputError) and address in str(one.exception)


@pytest.mark.parametrize(
    "address",
    ["", "https://127.149.0.1", "127.149.0.1/redfish", "a@127.149.0.1", "127.149.0.1:x", "a b",
     "127.149.0.1:0", "127.149.0.1:70000"],
)  # fmt: skip
def test_address_that_is_none(address):
    told = run(address, "--pin", "short")
    assert isinstance(told.exception, InputError)
    assert "ADDRESS" in str(told.exception) and "--pin" in str(told.exception), "both at once"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_password_file_that_holds_none(tmp_path, content):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    told = run("127.149.0.1", "--pin", "ab" * 32, "--password-file", str(file))
    assert isinstance(told.exception, InputError) and str(file) in str(told.exception)


def test_password_that_is_given_nowhere():
    told = run("127.149.0.1", "--pin", "ab" * 32, input="")
    assert isinstance(told.exception, InputError)
    assert "--password-file" in str(told.exception)


def site_with(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The lab's site with one machine that has the small tree's identity; its name."""
    path = shutil.copytree(LAB, tmp_path / "site")
    with (path / "machines.csv").open() as file:
        rows = list(csv.DictReader(file))
    mine = {"bmc_mac": MAC, "bmc_address": address, "bmc_cert_sha256": LEAF.sha256}
    rows[0].update({**mine, "chassis_serial": SERIAL, "system_uuid": UUID})
    with (path / "machines.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setenv("BLOOMERY_STATE", str(tmp_path / "state"))
    state = tmp_path / "state" / "lab"
    state.mkdir(parents=True)
    (state / "secret").write_text("5a" * 32)
    (state / "secret").chmod(0o600)
    login = {SERIAL: f"{USER}:{PASSWORD}"}
    write_factory(SiteSecret(bytes.fromhex("5a" * 32)), "lab", state / "factory.json", login)
    return rows[0]["name"]


def test_machine_of_a_plan_needs_nothing_typed(tmp_path, monkeypatch):
    with Served(SmallTree(), tmp_path) as bmc:
        name = site_with(tmp_path, bmc.address, monkeypatch)
        told = run(name, "--site", str(tmp_path / "site"), "--json")
        assert {method for method, _ in bmc.writes} == {"POST", "DELETE"}
    assert told.exit_code == 0, told.output
    assert "system UUID is the same" in why(told, "identify")


def test_other_machine_than_the_plan_has(tmp_path, monkeypatch):
    tree = SmallTree()
    tree[SYSTEM]["UUID"] = "0f" * 16
    with Served(tree, tmp_path) as bmc:
        name = site_with(tmp_path, bmc.address, monkeypatch)
        told = run(name, "--site", str(tmp_path / "site"), "--json")
    assert works(told)["identify"] == "no" and "system UUID is 0f0f0f0f" in why(told, "identify")


def test_refusals_of_derived_logins_are_remembered(tmp_path, monkeypatch):
    with Served(SmallTree(), tmp_path, password="another") as bmc:
        name = site_with(tmp_path, bmc.address, monkeypatch)
        first = run(name, "--site", str(tmp_path / "site"))
        tried = len(bmc.writes)
        second = run(name, "--site", str(tmp_path / "site"))
        assert len(bmc.writes) == tried == 2, "a third try could lock the account"
    assert "login refused" in str(first.exception)
    assert isinstance(second.exception, InputError)
    assert isinstance(second.exception.__cause__, LockedOut)
    journal = Journal(tmp_path / "state" / "lab" / "journal", name)
    assert [entry.reason for entry in journal.entries()] == ["refused", "refused"]


def test_unknown_machine_and_two_ways_of_trust(tmp_path, monkeypatch):
    site_with(tmp_path, "127.149.0.1:9443", monkeypatch)
    unknown = run("tain-01", "--site", str(tmp_path / "site"))
    assert "did you mean" in str(unknown.exception)
    both = run("train-01", "--site", str(tmp_path / "site"), "--pin", "ab" * 32)
    assert "two ways" in str(both.exception)
