"""A BMC's tree as a file that may leave the site: read whole, identities replaced, no secret.

Lives here: the walk over a tree (``crawl``), what in it is an identity or a secret
(``identities``), what stands in its place (``forms``), and both together (``scrub``). Must not live
here: files, or what is tried on a recorded tree.
"""
