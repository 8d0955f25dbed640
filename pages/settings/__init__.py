"""A person's own settings and those of the current workspace."""
