"""Read requests on an event loop, whole and within deadlines, before anything handles them."""
