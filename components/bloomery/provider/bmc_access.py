"""How the BMC of one machine is known and logged in to: from the plan and the site's own files."""

from __future__ import annotations

from bloomery.drivers.redfish.protocol import Sought, Trust
from bloomery.errors import CredentialRefused
from bloomery.plan.model import NodePlan
from bloomery.provider.logins import FACTORY
from bloomery.statedir import StateDir
from bloomery.trust.factory import factory_login
from bloomery.trust.keys import bmc_password
from bloomery.trust.secret import SiteSecret

DEFAULT_ACCOUNT = "admin"
"""Account used where the factory list has no entry for the machine any more."""


def sought(node: NodePlan) -> Sought:
    """The machine as the delivery list has it."""
    wanted = node.identity
    return Sought(wanted.bmc_mac, wanted.chassis_serial, wanted.system_uuid)


def trust_of(state: StateDir, node: NodePlan) -> Trust:
    """How to know this machine's BMC: by pin, else by the site CA and its serial."""
    if node.bmc.cert_sha256:
        return Trust(cert_sha256=node.bmc.cert_sha256)
    return Trust(ca_file=str(state.ca), chassis_serial=node.identity.chassis_serial)


def login_of(
    secret: SiteSecret, site: str, state: StateDir, node: NodePlan, epoch: int
) -> tuple[str, str]:
    """Account and password in a key epoch. Raises CredentialRefused, NotReadyError."""
    serial = node.identity.chassis_serial
    if epoch == FACTORY:
        return factory_login(secret, site, state.factory, serial)
    try:
        account, _ = factory_login(secret, site, state.factory, serial)
    except CredentialRefused:
        account = DEFAULT_ACCOUNT
    return account, bmc_password(secret, node.identity.system_uuid, epoch)
