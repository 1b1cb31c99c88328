"""Svix's API: applications are organizations, endpoints webhooks, messages events."""
