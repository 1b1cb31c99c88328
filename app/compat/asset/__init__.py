"""Asset status: webhooks of the organization that the path names."""
