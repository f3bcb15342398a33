"""What the next change would do to a site, by its sealed records."""

from __future__ import annotations

from dataclasses import replace

from bloomery.errors import BloomeryError
from bloomery.plan.impact import Impact, impact, unknown_impact
from bloomery.plan.model import Plan
from bloomery.statedir import StateDir


def change(plan: Plan, state: StateDir) -> Impact:
    """The impact of ``plan`` on what the last sealed record left. Never raises for bad evidence:
    an impact that cannot be told says why, and policies refuse it.
    """
    if not (state.evidence / "records").is_dir():
        return impact(None, plan)
    # A site that was sealed once pays for reading signatures; a new one does not.
    from bloomery.evidence.plans import standing_plan
    from bloomery.trust.keys import signing_key
    from bloomery.trust.secret import open_secret

    try:
        key = signing_key(open_secret(state.secret), plan.site.name).public_key()
        found = standing_plan(state.evidence, key)
        if found is None:
            return impact(None, plan)
        digest, data = found
        return replace(impact(Plan.from_json(data, "kept plan"), plan), previous=digest)
    except BloomeryError as error:
        return unknown_impact(plan, str(error).splitlines()[0])
