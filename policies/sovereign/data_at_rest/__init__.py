"""All data at rest is encrypted, and the nation or the site holds the keys."""
