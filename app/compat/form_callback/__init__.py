"""A transcoder that calls back with a form; its webhooks are managed as in a Rails scaffold."""
