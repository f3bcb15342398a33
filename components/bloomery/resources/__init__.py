"""Resource classes of the provider's types: thin, without logic.

Lives here: one class per resource type with its declared outputs. Must not live here:
anything that decides, and anything that speaks to a device.
"""
