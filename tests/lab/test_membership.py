"""Who belongs to the cluster is content: each host that lists the others is written anew.

A machine joins, gets another address, and leaves. After each, every *other* host is asked what it
lists: ``/etc/hosts``, ``slurm.conf``, and the scheduler itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lab_under_test import Pool, Story, changes, write_site
from logging_in import ssh

NAME, BLOCK = "members", 89
RUNS = ("base", "slurm")


def pools(training: int) -> tuple[Pool, ...]:
    return (
        Pool("mgmt", 1, "lab-node", "management"),
        Pool("train", training, "lab-node", "training"),
    )


def write(told: Story, training: int, **site: object) -> None:
    folder = told.root / "inventories"
    write_site(folder, NAME, BLOCK, pools(training), runs=RUNS, **site)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    told = Story.begin(tmp_path_factory.mktemp("members"), NAME)
    write(told, 1)
    try:
        told.lab_up()
        told.ready()
        first = told.up()
        assert first.returncode == 0, first.stdout
        yield told
    finally:
        told.lab_down()
        told.sweep()


def listed(told: Story, host: str, command: str, pattern: str) -> dict[str, str]:
    """Machine -> address, as ``host`` has it written down."""
    said = ssh(told, host, command)
    assert said.returncode == 0, said.stderr
    return {name: address for name, address in re.findall(pattern, said.stdout)}  # noqa: C416


def hosts_file(told: Story, host: str) -> dict[str, str]:
    text = ssh(told, host, "cat /etc/hosts").stdout
    rows = (line.split() for line in text.splitlines())
    return {row[1]: row[0] for row in rows if len(row) == 2 and row[0].startswith("10.")}


def slurm_conf(told: Story, host: str) -> dict[str, str]:
    return listed(told, host, "cat /etc/slurm/slurm.conf", r"NodeName=(\S+) NodeAddr=(\S+)")


def sinfo(told: Story, host: str) -> dict[str, str]:
    """Machine -> its state, as the scheduler tells ``host``."""
    return listed(told, host, "sinfo --noheader --Node --format='%N %t'", r"(\S+) (\S+)")


def everybody_lists(told: Story, wanted: dict[str, str]) -> None:
    training = {name: address for name, address in wanted.items() if name.startswith("train")}
    for host in wanted:
        assert hosts_file(told, host) == wanted, host
        assert slurm_conf(told, host) == training, host
        assert sinfo(told, host) == dict.fromkeys(training, "idle"), host


def converged(told: Story) -> None:
    done = told.up()
    assert done.returncode == 0, done.stdout
    assert set(changes(told.up())) == {"unchanged"}, "and nothing is left to do"


def test_a_machine_joins(site: Story) -> None:
    write(site, 2)
    site.lab_up()
    converged(site)
    machines = ("mgmt-01", "train-01", "train-02")
    wanted = {name: f"10.{BLOCK}.1.{unit}" for unit, name in enumerate(machines, start=1)}
    everybody_lists(site, wanted)
    assert [site.installations(name) for name in wanted] == [1, 1, 1]


def test_a_machine_gets_another_address(site: Story) -> None:
    """It is moved to another unit of the rack, and laid down anew for its new network."""
    write(site, 2, reinstall={"train-02": 2})
    rows = site.root / "inventories" / NAME / "machines.csv"
    rows.write_text(rows.read_text().replace("train-02,train,r01,3,", "train-02,train,r01,9,"))
    site.lab_up()
    converged(site)
    machines = {"mgmt-01": 1, "train-01": 2, "train-02": 9}
    everybody_lists(site, {name: f"10.{BLOCK}.1.{unit}" for name, unit in machines.items()})
    assert site.installations("train-02") == 2
    assert site.installations("train-01") == site.installations("mgmt-01") == 1


def test_a_machine_leaves(site: Story) -> None:
    write(site, 1, reinstall={})
    converged(site)
    everybody_lists(site, {"mgmt-01": f"10.{BLOCK}.1.1", "train-01": f"10.{BLOCK}.1.2"})
