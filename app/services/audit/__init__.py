"""The audit trail: read, searched, exported, verified, kept for as long as its owner says. app.core.audit writes it."""

from app.services.audit.keeping import forget_old_entries, has_old, set_retention
from app.services.audit.reading import export_entries, get_entry, list_entries, list_filters
from app.services.audit.verifying import check_chain, verify_chain

__all__ = [
    "check_chain",
    "export_entries",
    "forget_old_entries",
    "get_entry",
    "has_old",
    "list_entries",
    "list_filters",
    "set_retention",
    "verify_chain",
]
