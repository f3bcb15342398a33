"""Storage tiers and the jobs they are for, as they are ordered.

Must not live here: what a job or a project needs of a tier (``plan.storage``).
"""
