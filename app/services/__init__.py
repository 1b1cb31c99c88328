"""Verbs. Each owns one transaction; none knows HTTP."""
