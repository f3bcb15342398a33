"""Backups are encrypted, at another site where law allows, with one copy offline."""
