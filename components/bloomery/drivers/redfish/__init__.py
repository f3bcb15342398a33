"""A BMC over Redfish: the contract, a client on sushy, and a fake without sockets."""
