"""`callboard deliveries` and `callboard jobs`."""
