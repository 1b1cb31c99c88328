"""Logs: readable lines, or one JSON object per line, on the error output."""
