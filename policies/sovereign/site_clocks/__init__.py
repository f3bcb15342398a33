"""Clocks are synchronised with time sources on the site."""
