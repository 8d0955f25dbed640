"""Widgets: pure functions of Vars that pages put together; they never fetch."""
