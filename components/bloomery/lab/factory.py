"""How machines leave the lab's factory: one account each, with a password of its own."""

from __future__ import annotations

import secrets
from pathlib import Path

from bloomery.errors import CredentialRefused, NotReadyError
from bloomery.lab.spec import LabSpec
from bloomery.trust.factory import factory_login, write_factory
from bloomery.trust.secret import SiteSecret

USER = "admin"
"""Name of the account every machine leaves the factory with."""


def ensure_factory(secret: SiteSecret, spec: LabSpec, path: Path) -> bool:
    """Make passwords for machines that have none yet. Returns whether any was made.

    A file sealed with another secret belongs to machines nobody can log in to any more;
    it is written anew.
    """
    logins, fresh = {}, False
    for machine in spec.machines:
        serial = machine.chassis_serial
        try:
            user, password = factory_login(secret, spec.site, path, serial)
        except (NotReadyError, CredentialRefused):
            # As vendors print them on the tag: letters and digits, one of each kind at least.
            user, password = USER, f"{secrets.token_hex(6)}-A7"
            fresh = True
        logins[serial] = f"{user}:{password}"
    if fresh:
        write_factory(secret, spec.site, path, logins)
    return fresh
