"""What all dialects share: the declaration, the webhook handlers, and lists."""
