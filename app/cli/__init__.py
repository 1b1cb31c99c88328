"""A surface: parses, calls one service or one query, renders."""
