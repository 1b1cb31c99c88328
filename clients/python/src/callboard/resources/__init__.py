"""What the API consists of, one module for each noun."""
