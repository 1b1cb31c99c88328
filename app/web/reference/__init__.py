"""The API reference: what the OpenAPI document describes, and requests sent from the browser."""
