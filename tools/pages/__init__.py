"""The pages of the documentation: what is generated from code, and what tests run.

Lives here: writing the generated pages, and reading the steps out of written ones. Must
not live here: prose (``docs``), and the report of a site (``bloomery.report``).
"""
