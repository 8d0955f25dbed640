"""Triggers: what starts workflows by itself; one route per kind under a common head."""
