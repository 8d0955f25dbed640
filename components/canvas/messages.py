"""What the server tells the open editor: page handlers return `post(...)`, connection.js takes it in."""

import json
from typing import Any

import reflex as rx

from engine.json import JsonObject


def post(name: str, payload: JsonObject) -> Any:
    """A message to the editor: open, saved, heard, rights, taken, refused, findings, problems, show (a step) or failed."""
    # JSON is a subset of JavaScript; a message that comes before the canvas waits in the inbox.
    message = json.dumps([name, payload], separators=(",", ":"), ensure_ascii=True, default=str)
    return rx.call_script(f"(window.afEditorInbox ??= []).push({message});window.afEditorDrain?.();0")
