"""Reads. A query of a tenant's rows takes the organization id first."""
