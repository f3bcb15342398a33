"""Reachability and identity of a host over ssh, host key always known beforehand."""
