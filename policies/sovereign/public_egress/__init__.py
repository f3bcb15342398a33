"""Egress from the site goes only to named hosts through named proxies."""
