"""Where an invitation is taken."""
