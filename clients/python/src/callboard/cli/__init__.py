"""The command line, `callboard`."""
