"""Clocks follow sources that stand on the site."""
