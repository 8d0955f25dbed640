"""Where a person with an account comes in."""
