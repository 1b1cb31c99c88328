"""What `script/server` becomes: one process that starts the product's others and keeps them up.

Standard library and `app.config` alone, so that it starts at once and stays small.
"""
