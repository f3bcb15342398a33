"""The network of the building touches no other, and one broker leads out of it."""
