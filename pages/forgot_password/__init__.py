"""Where a forgotten password is told."""
