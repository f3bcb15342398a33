"""Software comes from listed registries, by digest."""
