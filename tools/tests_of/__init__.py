"""Which tests a source file has.

Lives here: the graph of imports of package, tools and tests, read from their text, and the way
from a source file to its tests. Must not live here: running anything, and anything beyond the
standard library, since it answers also where no environment is.
"""
