"""Software comes from listed registries, by digest.

On the site: registries are listed, the depot is one of them, and images go by digest. On
a run: whatever its variables call an image has a digest, and no source is trusted blindly
(``trusted=yes`` switches off the signature check of apt).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]

DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
"""How an image ends that nobody can move."""


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc:
        raise ValueError(f"{url!r} is no URL")
    return parts.scheme, parts.netloc


def site(args: ResourceValidationArgs, report: Report) -> None:
    """Which registries there are."""
    facts = args.props["sovereignty"]
    registries = list(facts["registries"])
    if not registries:
        report("no registry is listed, so software may come from anywhere")
    for url in registries:
        if "*" in url:
            report(f"registry {url} is a pattern, not a registry")
    depot = args.props["depot"]
    if registries and _place(depot) not in [_place(url) for url in registries]:
        report(f"depot {depot} is not one of the listed registries")
    if not facts["imagesByDigest"]:
        report("images may be named by a mutable tag; imagesByDigest is false")


def run(args: ResourceValidationArgs, report: Report) -> None:
    """What a playbook is told to fetch."""
    for name, value in args.props["vars"].items():
        text = str(value)
        if name.lower().endswith("image") and not DIGEST.search(text):
            report(f"variable {name}: {text} has no digest")
        if "trusted=yes" in text.replace(" ", ""):
            report(f"variable {name} trusts a source without its signature")


JUDGES = {"bloomery:site:Site": site, "bloomery:ansible:Run": run}
