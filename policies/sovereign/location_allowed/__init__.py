"""A site stands where its law and contracts allow it."""
