"""The settings of a webhook. Each is declared once, in the module of its section."""
