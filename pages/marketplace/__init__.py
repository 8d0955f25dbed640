"""The home page of the marketplace."""
