"""The inspector: one node of a workflow as a form."""

from app.services.inspector.describe import describe_node

__all__ = ["describe_node"]
