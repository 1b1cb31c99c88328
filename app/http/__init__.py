"""What all HTTP surfaces share: routing, credentials, limits, bodies and errors."""
