"""Render callbacks: an edit is posted with its callback's URL, and asked after by its id."""
