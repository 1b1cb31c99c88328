"""Settings: the organization, its people and keys, and one's own account."""
