"""Where the link of a verification letter leads."""
