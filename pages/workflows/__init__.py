"""The list of workflows."""
