"""The trace of one run: every attempt, model call and tool call over time, and the run as it stood at any moment."""
