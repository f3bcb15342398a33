"""What NetBox is told of a plan, and what of it a NetBox has already.

Lives here: the rows of its bulk import, and the comparison with an export. Must not live here:
how a CSV file is written."""
