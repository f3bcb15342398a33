"""Evidence: what was measured, signed and chained, and the proof that nobody changed it.

``judging`` joins outcomes into one, ``measurement``, ``policy``, ``events`` and ``history``
read what others wrote, ``record`` says what a record holds, ``envelope`` signs and opens one,
``chain`` appends and ``audit`` looks for faults.

What must not live here: network, processes, Pulumi, and the site's secret. The signer
and the public key are handed in, the clock is an argument, so an auditor can run
``verify`` on a copied folder on any machine.
"""

from bloomery.evidence.audit import Audit, Finding, verify
from bloomery.evidence.chain import Head, seal
from bloomery.evidence.events import from_events
from bloomery.evidence.facts import Facts, Provenance
from bloomery.evidence.judging import worst
from bloomery.evidence.policy import PolicyReport, PolicyRule

__all__ = [
    "Audit",
    "Facts",
    "Finding",
    "Head",
    "PolicyReport",
    "PolicyRule",
    "Provenance",
    "from_events",
    "seal",
    "verify",
    "worst",
]
