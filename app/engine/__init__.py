"""Claim due deliveries, send them, record the results. Knows no Flask."""
