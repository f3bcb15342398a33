"""Egress from the site goes only to named hosts through named proxies.

A pattern is no name: ``*`` and whole networks are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def site(args: ResourceValidationArgs, report: Report) -> None:
    """What may leave the site."""
    facts = args.props["sovereignty"]
    default = facts["egressDefault"] or "not given"
    if default != "deny":
        report(f"egress default is {default}, not deny")
    routes = {route["host"]: route for route in facts["egressRoutes"]}
    for host in facts["egressAllow"]:
        if "*" in host or "/" in host:
            report(f"egress to {host} does not name a single host")
        route = routes.get(host)
        if route is None or not route["proxy"]:
            report(f"egress to {host} uses no named proxy")
        elif _public(urlsplit(route["url"]).hostname or ""):
            report(f"proxy {route['proxy']} at {route['url']} is not on site")


def _public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return not host  # a name is the site's own to resolve; nothing at all is no proxy


JUDGES = {"bloomery:site:Site": site}
