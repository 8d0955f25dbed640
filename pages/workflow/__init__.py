"""The workflow editor."""
