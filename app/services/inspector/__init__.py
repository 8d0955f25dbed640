"""The inspector: describes one node as a form, and turns what people change in the form into edit operations."""

from app.services.inspector.changes import change_entry, change_field, change_policy
from app.services.inspector.describe import describe_node

__all__ = ["change_entry", "change_field", "change_policy", "describe_node"]
