"""One run: its steps live or as they were, what went in and out of each, and what one can do about it."""
