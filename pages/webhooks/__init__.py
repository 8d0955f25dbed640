"""Incoming webhooks: the list, and making one."""
