"""Versioned definitions of workflows and agents: what people save, export and run."""
