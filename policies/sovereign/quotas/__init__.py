"""Every project has a quota, all quotas together fit, and none can starve another."""
