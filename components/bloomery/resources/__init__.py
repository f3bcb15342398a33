"""Pulumi's view of the provider's types: thin resource classes, no logic.

Lives here: one class per resource type with its declared outputs. Must not live here:
anything that decides, and anything that speaks to a device.
"""
