"""Runs, projects and cost: what runs on the machines, for whom, at what price.

``sheet`` is what ``site.yaml`` says, ``names`` are those that projects, storage and cost
take or point to. Must not live here: what the machines hold for them (``plan.capacity``).
"""
