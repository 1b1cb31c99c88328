"""The drain: claim, send, record, sweep. Knows no Flask."""
