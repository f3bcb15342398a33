"""A stateful BMC without sockets: the fake that the contract suite and the lab run on.

Lives here: what a BMC remembers and how it behaves, one file per Redfish noun, and the
faults it can be given. Must not live here: HTTP, JSON documents and certificates on
the wire (``bloomery.lab.redfish``), and the metal behind the BMC (``machine.Machine``).

Everything runs on one event loop; nothing here is safe to call from another thread.
"""

from bloomery.drivers.redfish.fake.bmc import FakeBmc
from bloomery.drivers.redfish.fake.faults import FAULTS, FaultKind
from bloomery.drivers.redfish.fake.refusal import Down, Refusal

__all__ = ["FAULTS", "Down", "FakeBmc", "FaultKind", "Refusal"]
