"""One endpoint: what was sent to it, its settings, its secrets."""
