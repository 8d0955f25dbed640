"""Event rules: when something happens in the workspace, a workflow starts. Facts are written with what happened, and delivered after."""

from app.services.rules.delivering import deliver_fact, give_up_fact
from app.services.rules.editing import create_rule, delete_rule, pause_rule, resume_rule, update_rule
from app.services.rules.listing import get_rule, list_rules

__all__ = [
    "create_rule",
    "delete_rule",
    "deliver_fact",
    "get_rule",
    "give_up_fact",
    "list_rules",
    "pause_rule",
    "resume_rule",
    "update_rule",
]
