"""Random faults on thousands of runs for as long as one likes: `python -m tests.soak --minutes 60`."""
