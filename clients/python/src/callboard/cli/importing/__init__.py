"""Copy an organization: to a file, from a file, from other services."""
