"""Components of the cluster: what runs on the machines, and the proof that it does.

Lives here: typed arguments, the runs in order, the acceptance. Must not live here:
drivers, the provider, and the other nouns."""
