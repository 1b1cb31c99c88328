"""Helpers for receivers, one module for each web framework. Each needs its framework installed."""
