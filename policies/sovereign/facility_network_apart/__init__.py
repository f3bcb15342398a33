"""The facility network is separate from every other network; one broker connects it."""
