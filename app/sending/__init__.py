"""Outgoing HTTP requests, DNS, the address guard, and email."""
