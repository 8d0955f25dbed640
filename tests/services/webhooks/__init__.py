"""Rules of incoming webhooks."""
