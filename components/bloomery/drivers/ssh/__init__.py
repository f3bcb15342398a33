"""Reachability and identity of a host over ssh, host key always known beforehand.

Lives here: ``protocol`` (what is asked of a host), ``client`` (asking it). Must not live
here: configuring a host (``drivers.ansible``), and any way to accept an unknown key.
"""
