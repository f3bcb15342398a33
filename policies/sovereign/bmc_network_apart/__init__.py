"""BMCs live in a network of their own."""
