"""Start Callboard's processes and restart those that end.

Uses only the standard library and `app.runtime.configuration`, so that it starts fast and stays
small.
"""
