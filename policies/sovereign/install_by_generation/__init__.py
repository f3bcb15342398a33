"""A machine is wiped and installed only on purpose."""
