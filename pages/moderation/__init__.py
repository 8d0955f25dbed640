"""Where operators decide what the marketplace shows."""
