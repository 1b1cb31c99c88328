"""Render callbacks: a client posts an edit with its callback URL, and polls its render by id."""
