"""Nothing leaves the site but to named hosts by named proxies."""
