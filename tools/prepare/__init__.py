"""Set-up of one machine and one checkout.

Lives here: which Debian packages are there, the Python environment from the hashed
lock, the package itself, and the order of it all. Must not live here: how the engine
is had (``engine``), and anything beyond the standard library, since nothing else is
installed when this starts.
"""
