"""Asset status: webhooks of an organization that is named in the path."""
