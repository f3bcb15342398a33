"""One change touches no more live machines, and takes no longer, than the site allows."""
