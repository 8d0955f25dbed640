"""Workflows: their life, their list, edits that merge, and their history. Pages, API, CLI and run services call these."""

from app.services.workflows.checking import find_problems
from app.services.workflows.edits import TOO_OLD, apply_operations, changes_since, check_workflow
from app.services.workflows.lifecycle import (
    create_workflow,
    delete_workflow,
    dump_spec,
    duplicate_workflow,
    find_workflow,
    get_rights,
    get_workflow,
    rename_workflow,
    restore_workflow,
)
from app.services.workflows.listing import list_workflows
from app.services.workflows.of_agent import create_for_agent
from app.services.workflows.pins import list_pins, pin_output, unpin_output, usable_pins
from app.services.workflows.rows import load_workflow

__all__ = [
    "TOO_OLD",
    "apply_operations",
    "changes_since",
    "check_workflow",
    "create_for_agent",
    "create_workflow",
    "delete_workflow",
    "dump_spec",
    "duplicate_workflow",
    "find_problems",
    "find_workflow",
    "get_rights",
    "get_workflow",
    "list_pins",
    "list_workflows",
    "load_workflow",
    "pin_output",
    "rename_workflow",
    "restore_workflow",
    "unpin_output",
    "usable_pins",
]
