"""`callboard listen`."""
