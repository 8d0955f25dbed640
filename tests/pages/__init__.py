"""States without a browser, and the pure parts of pages."""
