"""A transcoder that calls back with a form, and whose webhooks are managed as Rails has them."""
