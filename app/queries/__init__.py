"""Every select(). A query of a tenant's rows takes the organization first."""
