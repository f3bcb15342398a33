"""What a value of a site may be: texts, quantities, ranges of names, and the keys made of them.

Lives here: types that more than one noun uses. Must not live here: a part of a site.
"""
