"""Agents: the turn in which a model thinks, calls tools and answers; the agent node and the chat both run it."""
