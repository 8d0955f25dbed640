"""Execution: a pure state machine over journal events and a driver that runs ready nodes at once."""
