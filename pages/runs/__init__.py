"""The run list: what ran, what runs, what waits and why."""
