"""Outgoing webhooks: the endpoints that hear of events, and making one."""
