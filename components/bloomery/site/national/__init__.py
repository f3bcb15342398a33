"""What law and the nation ask: the section of a site, and the nation's own file with its locks.

Must not live here: whether a site does what it says (``policies``).
"""
