"""One lab for all role tests; every playbook runs in order, in check mode first, and twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from role_lab import MUNGE_KEY, RoleLab

from bloomery.records import RunResult

NONCE = "C0DE5EED0FF1CE42"


@dataclass(frozen=True)
class Converged:
    """A playbook's three runs."""

    check: RunResult
    first: RunResult
    second: RunResult


def _converge(lab: RoleLab, name: str, secrets: dict[str, str], **fields: object) -> Converged:
    runs = (lab.run(name, secrets, check=check, **fields) for check in (True, False, False))
    return Converged(*runs)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoleLab]:
    """Four hosts, freshly installed."""
    made = RoleLab.begin(tmp_path_factory.mktemp("roles"))
    yield made
    made.bench.down()


@pytest.fixture(scope="session")
def base(lab: RoleLab) -> Converged:
    """The base playbook."""
    return _converge(lab, "base", {})


@pytest.fixture(scope="session")
def slurm(lab: RoleLab, base: Converged) -> Converged:
    """The slurm playbook."""
    return _converge(lab, "slurm", {"munge_key": MUNGE_KEY})


@pytest.fixture(scope="session")
def train(lab: RoleLab, slurm: Converged) -> Converged:
    """The train playbook."""
    return _converge(lab, "train", {"nonce": NONCE})


@pytest.fixture(scope="session")
def serve(lab: RoleLab, train: Converged) -> Converged:
    """The serve playbook, handed what the training handed back."""
    return _converge(lab, "serve", {}, given=dict(train.first.outputs))
