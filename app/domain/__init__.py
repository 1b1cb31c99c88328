"""Pure rules: no I/O, no Flask, no SQLAlchemy. Time and randomness are arguments."""
