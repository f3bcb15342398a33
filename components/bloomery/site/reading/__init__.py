"""How a file that people wrote is read: YAML with its lines, and faults that name them.

Lives here: text into plain values, where each value stands, what a fault says. Must not live
here: anything that knows a key of ``site.yaml``; the folders of the nouns do.
"""
