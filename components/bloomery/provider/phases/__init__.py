"""How one subject is brought up: phases in order, each under its limit, each resumable.

A subject is anything with a name that is brought up step by step: a machine, a switch, a storage
tier, a coolant unit. ``work`` is what its phases share while they run, ``runner`` runs them and
turns what stops one into a reason and a next step, ``standing`` says how it ended. Each subject's
own phases are a folder here; ``node`` is the first.

Each phase reads, compares, acts and verifies, so that any of them may be entered again after a
kill. Must not live here: Pulumi, and any knowledge of a vendor.
"""
