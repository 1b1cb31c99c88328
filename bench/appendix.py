"""Texts printed verbatim below the tables: query plans, times of pages."""

# Title and text.
TEXTS: dict[str, str] = {}
