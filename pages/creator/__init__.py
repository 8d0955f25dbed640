"""A creator's public page."""
