"""Sites made from something else: from another site, another model, or a workload.

Lives here: what such an order says, and the texts of a clone. Must not live here: sizes that
follow from a workload (``plan``).
"""
