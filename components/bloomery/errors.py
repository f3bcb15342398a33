"""Every error bloomery raises, in one tree.

::

    BloomeryError
    ├── InputError             what was typed names or asks for something there is not
    │   └── FaultsError        bad files; carries every fault of a stage
    ├── NotReadyError          this machine or shell lacks something; says what to do
    ├── DeviceError            a device did not do what was asked
    │   ├── Unreachable        no answer in time                          (temporary)
    │   ├── Busy               the device asks to come back later         (temporary)
    │   │   └── SessionEnded   the session is gone: log in again          (temporary)
    │   ├── CredentialRefused  a login was refused; not retried automatically
    │   ├── LockedOut          the device locked the account for a while
    │   ├── PasswordExpired    the password must be changed before anything else
    │   ├── Unsupported        the device lacks the function or the key
    │   └── NotTrusted         certificate or host key is not the expected one
    ├── IdentityError          the machine is not the one in the delivery list
    ├── UnknownState           what is on the machine is unknown; nothing was changed
    ├── Held                   another process holds the machine, or a site hold is set
    ├── PhaseTimeout           a phase took longer than its limit         (temporary)
    ├── RunError               Ansible could not be run at all
    ├── EvidenceError          a record does not verify
    └── LabError               the lab could not do what was asked

``temporary`` on the class says whether the same call may succeed later without
anyone changing anything. ``exit_code`` is what the command line ends with: 2 for bad input,
as every tool of the field has it for usage errors, else 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class BloomeryError(Exception):
    """Base of all errors. ``str()`` is one line a person can act on.

    ``subject`` is the machine, file or resource concerned; ``next_step`` what to do.
    """

    temporary = False
    exit_code = 1

    def __init__(self, reason: str, *, subject: str = "", next_step: str = "") -> None:
        self.reason = reason
        self.subject = subject
        self.next_step = next_step
        super().__init__(reason)

    def __str__(self) -> str:
        text = f"{self.subject}: {self.reason}" if self.subject else self.reason
        return f"{text}; next: {self.next_step}" if self.next_step else text


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input file."""

    file: str
    """File name as the user wrote it."""
    line: int
    """Line, counted from 1; 0 when the file as a whole is meant."""
    path: str
    """Where in the document, for example ``nodes[2].model``."""
    reason: str
    """What is wrong, with the value."""
    hint: str = ""
    """What would be right, for example ``did you mean 'dgx-b200'?``."""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line} {self.path}: {self.reason}"
        return f"{text}; {self.hint}" if self.hint else text


class InputError(BloomeryError):
    """What was typed names or asks for something there is not. Nothing was written."""

    exit_code = 2


class FaultsError(InputError):
    """Bad files: every fault of the stage at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class NotReadyError(BloomeryError):
    """Something outside the site is missing: a package, a right, an environment."""


class DeviceError(BloomeryError):
    """A device did not do what was asked."""


class Unreachable(DeviceError):
    """No answer in time."""

    temporary = True


class Busy(DeviceError):
    """The device asks to come back later."""

    temporary = True


class SessionEnded(Busy):
    """The device no longer knows the session: it was restarted, or the session expired."""


class CredentialRefused(DeviceError):
    """A login was refused. Trying again would count towards a lock-out."""


class LockedOut(DeviceError):
    """The device has locked the account for a while."""


class PasswordExpired(DeviceError):
    """The password must be changed first: nothing but the account is answered."""


class Unsupported(DeviceError):
    """The device lacks the function, or the key that was asked for."""


class NotTrusted(DeviceError):
    """Certificate or host key is not the expected one. Nothing was sent."""


class IdentityError(BloomeryError):
    """The machine is not the one in the delivery list. Nothing was changed."""


class UnknownState(BloomeryError):
    """What is on the machine cannot be told, so nothing destructive is done."""


class Held(BloomeryError):
    """Another process holds the machine, or a site hold is set."""


class PhaseTimeout(BloomeryError):
    """A phase took longer than its limit."""

    temporary = True


class RunError(BloomeryError):
    """Ansible could not be run at all."""


class EvidenceError(BloomeryError):
    """A record is missing, altered, or signed by another key."""


class LabError(BloomeryError):
    """The lab could not do what was asked."""
