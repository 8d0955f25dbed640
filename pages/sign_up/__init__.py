"""Where a new person comes in."""
