"""What the place gives: power from the utility to the rack, networks of the site, its depot.

Must not live here: the coolant of the machines (``site.cooling``), their fabrics
(``site.fabric``).
"""
