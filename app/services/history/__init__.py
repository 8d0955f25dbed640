"""The history of a workflow: its versions, what differs between two of them in words, naming one, and going back to one."""

from app.services.history.listing import find_version, list_versions
from app.services.history.naming import name_version
from app.services.history.replacing import StaleDefinition, replace_definition
from app.services.history.restoring import restore_version
from app.services.history.wording import compare_versions

__all__ = ["StaleDefinition", "compare_versions", "find_version", "list_versions", "name_version", "replace_definition", "restore_version"]
