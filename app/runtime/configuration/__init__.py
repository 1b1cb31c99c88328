"""The settings: read from the environment, checked, and explained."""
