"""Media that the controller streams to BMCs: what is on them, who may read them, what was read.

Lives here: templates, media, the server, and what the journal tells of a reading. Must not live
here: when a medium is inserted and taken out; that is ``phases/node``.
"""
