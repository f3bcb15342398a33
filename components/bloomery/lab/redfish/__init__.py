"""The HTTPS front of the BMC emulator.

Lives here: Redfish paths, JSON documents shaped as DMTF's schemas say, and one TLS
server per BMC. Must not live here: how a BMC behaves (``drivers.redfish.fake``).
"""
