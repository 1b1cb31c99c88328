"""Prove that nothing is lost: run the real processes under faults, and check what happened.

Producers and receivers write a history, one JSON object per line (`history`); `checker` verifies it
together with the rows of the database at the end. See docs/reliability.md.
"""
