"""One agent: its form at the left, the chat that tests it at the right."""
