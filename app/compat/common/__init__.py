"""What all dialects share: routing, credentials, bodies, and errors before they have a shape."""
