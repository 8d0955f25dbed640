"""Frozen dataclasses that edges may see; table rows never leave the services."""
