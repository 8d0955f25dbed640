"""Where the link of a reset letter leads."""
