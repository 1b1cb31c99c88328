"""Take over what other services have."""
