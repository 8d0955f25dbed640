"""Agents: create, edit with versions, list, duplicate, delete; agent pages, blueprints and workflows call these rules."""

from app.services.agents.checking import CheckedDraft, check_agent, require_valid
from app.services.agents.comparing import merge_fields
from app.services.agents.editing import create_agent, delete_agent, duplicate_agent, save_agent, undelete_agent
from app.services.agents.errors import StaleAgentSave
from app.services.agents.options import list_form_options
from app.services.agents.reading import blank_agent, find_agent_uses, get_agent, list_agents
from app.services.agents.starters import create_from_starter, list_starters
from app.services.agents.versions import get_agent_version, list_agent_versions, restore_agent_version

__all__ = [
    "CheckedDraft",
    "StaleAgentSave",
    "blank_agent",
    "check_agent",
    "create_agent",
    "create_from_starter",
    "delete_agent",
    "duplicate_agent",
    "find_agent_uses",
    "get_agent",
    "get_agent_version",
    "list_agent_versions",
    "list_agents",
    "list_form_options",
    "list_starters",
    "merge_fields",
    "require_valid",
    "restore_agent_version",
    "save_agent",
    "undelete_agent",
]
