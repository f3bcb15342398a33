"""Each project is isolated at least as its data class asks, and never by time-slicing."""
