"""The wire and its guard: one outgoing HTTP request, its limits and its outcome."""
