"""Components of the storage: tiers.

Lives here: typed arguments and the component. A tier registers its slice of the plan.
Must not live here: the other nouns."""
