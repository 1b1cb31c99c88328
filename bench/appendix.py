"""What is shown as it is, below the tables: plans of statements, the slowest pages."""

# Title and text.
TEXTS: dict[str, str] = {}
