"""One change affects no more live machines, and takes no longer, than the change budget allows."""
