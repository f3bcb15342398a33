"""The end of every update: what components claimed is measured, and written down.

``handler`` is the resource type, ``claim`` says what a claim and a measurement of it are, and
``written`` writes the file. Every other file here is a kind of claim: ``measure`` in
``<kind>.py`` measures all claims of its kind, from outside: by another host or another protocol
than the one that made the thing claimed. A new kind is a new file.

What must not live here: the name of any kind outside its own file, and drivers.
"""
