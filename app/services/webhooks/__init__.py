"""Incoming webhooks: making them, taking requests, the delivery log, the test listener. Pages and app.api.hooks call these."""

from app.services.webhooks.adopting import adopt_sample_fields
from app.services.webhooks.editing import (
    create_webhook,
    delete_webhook,
    pause_webhook,
    revoke_secret,
    rotate_address,
    rotate_secret,
    take_over_webhook,
    update_webhook,
)
from app.services.webhooks.errors import NoWebhook, Refused
from app.services.webhooks.listening import get_listening, start_listening, stop_listening, use_as_sample
from app.services.webhooks.proving import Target, check_method, examine
from app.services.webhooks.reading import get_delivery, get_webhook, list_deliveries, list_webhooks
from app.services.webhooks.receiving import Reception, accept_request, find_target, note_refusal
from app.services.webhooks.replaying import replay_delivery
from app.services.webhooks.replies import make_ticket, note_reply, read_reply, read_ticket
from app.services.webhooks.request import Examined, Incoming

__all__ = [
    "Examined",
    "Incoming",
    "NoWebhook",
    "Reception",
    "Refused",
    "Target",
    "accept_request",
    "adopt_sample_fields",
    "check_method",
    "create_webhook",
    "delete_webhook",
    "examine",
    "find_target",
    "get_delivery",
    "get_listening",
    "get_webhook",
    "list_deliveries",
    "list_webhooks",
    "make_ticket",
    "note_refusal",
    "note_reply",
    "pause_webhook",
    "read_reply",
    "read_ticket",
    "replay_delivery",
    "revoke_secret",
    "rotate_address",
    "rotate_secret",
    "start_listening",
    "stop_listening",
    "take_over_webhook",
    "update_webhook",
    "use_as_sample",
]
