"""Derived keys, the site CA and the factory passwords.

Lives here: everything made from the site secret. Must not live here: how a key is
used on a device (``drivers``), and any copy of a derived key on disk.
"""
