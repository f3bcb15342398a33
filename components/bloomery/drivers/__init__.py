"""Drivers, one per device protocol: ``redfish``, ``ansible``, ``ssh``.

Each has a small Protocol, a client and, where a fake is possible, a fake that ships
beside it. Plain values in, records out. Must not live here: the site, the plan,
Pulumi, and anything one driver knows of another.
"""
