"""Outgoing webhooks: endpoints that hear of events, the log of what was sent to them. Pages and the command line call these."""

from app.services.outgoing.editing import (
    create_endpoint,
    delete_endpoint,
    pause_endpoint,
    resume_endpoint,
    revoke_endpoint_secret,
    rotate_endpoint_secret,
    send_test,
    update_endpoint,
)
from app.services.outgoing.messages import get_message, list_messages, replay_failed, replay_message
from app.services.outgoing.reading import get_endpoint, list_endpoints

__all__ = [
    "create_endpoint",
    "delete_endpoint",
    "get_endpoint",
    "get_message",
    "list_endpoints",
    "list_messages",
    "pause_endpoint",
    "replay_failed",
    "replay_message",
    "resume_endpoint",
    "revoke_endpoint_secret",
    "rotate_endpoint_secret",
    "send_test",
    "update_endpoint",
]
