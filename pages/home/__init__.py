"""The first page after signing in: what waits, what to do next, what happened lately."""
