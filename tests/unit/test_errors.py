"""The tree of errors: one line a person can act on, and whether to try again."""

from __future__ import annotations

import pytest

from bloomery import errors
from bloomery.errors import BloomeryError, Fault, FaultsError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, BloomeryError)
]


def test_text_with_and_without_its_parts() -> None:
    assert str(BloomeryError("broke")) == "broke"
    assert str(BloomeryError("broke", subject="n01")) == "n01: broke"
    assert str(BloomeryError("broke", next_step="mend it")) == "broke; next: mend it"
    full = BloomeryError("broke", subject="n01", next_step="mend it")
    assert str(full) == "n01: broke; next: mend it"
    assert (full.reason, full.subject, full.next_step) == ("broke", "n01", "mend it")


def test_faults_come_all_at_once() -> None:
    one = Fault("site.yaml", 41, "nodes[2].model", "unknown model 'x'", "did you mean 'y'?")
    two = Fault("machines.csv", 0, "", "is empty")
    error = FaultsError([one, two])
    assert error.faults == (one, two)
    assert str(error).splitlines() == [
        "site.yaml:41 nodes[2].model: unknown model 'x'; did you mean 'y'?",
        "machines.csv:0 : is empty",
    ]


TEMPORARY = {"Unreachable", "Busy", "SessionEnded", "PhaseTimeout"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_temporary_is_said_of_what_may_pass_by_itself(kind: type[BloomeryError]) -> None:
    assert kind.temporary is (kind.__name__ in TEMPORARY)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    told = errors.__doc__ or ""
    for kind in KINDS:
        assert kind.__name__ in told, f"{kind.__name__} is not in the drawing"


def test_a_refused_login_is_never_temporary_and_a_lost_session_is_busy() -> None:
    assert not errors.CredentialRefused.temporary and not errors.LockedOut.temporary
    assert issubclass(errors.SessionEnded, errors.Busy)
    assert issubclass(errors.NotTrusted, errors.DeviceError)
    assert not issubclass(errors.IdentityError, errors.DeviceError)
