"""One event rule: its form, and what became of the newest events."""
