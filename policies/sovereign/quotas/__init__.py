"""Every project has a quota, all quotas together fit, and no project can use another's share."""
