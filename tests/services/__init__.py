"""The rules, on a real database."""
