"""What leaves a sealed run when it fails: why in general, in words of our own, and nothing that was written inside."""

from typing import Any

from app.services.budgets.question import KIND
from engine.json import JsonObject
from models.run import Approval

FAILED = "A step inside failed. What is inside is sealed: ask its creator, and name the version and the time."
REASONS = {
    "model_overloaded": "The model's provider is overloaded.",
    "model_unreachable": "The model's provider could not be reached.",
    "model_timeout": "The model took too long to answer.",
    "model_interrupted": "The model's answer broke off.",
    "model_rate_limited": "The model's provider slowed the calls down.",
    "model_key_missing": "There is no key for the model's provider.",
    "model_key_refused": "The model's provider refused the key.",
    "model_out_of_credit": "The account at the model's provider has no credit left.",
    "model_content_refused": "The model refused to answer this.",
    "unknown_model": "The model cannot be used here.",
    "credential_missing": "A credential that it uses is not there.",
    "credential_expired": "A credential that it uses has run out.",
    "credential_unusable": "A credential that it uses cannot be used.",
    "credential_locked": "A credential that it uses cannot be opened.",
    "credential_host": "A credential that it uses may not be sent to that address.",
    "http_unreachable": "Another system could not be reached.",
    "http_unknown_host": "Another system could not be found.",
    "http_status": "Another system answered with an error.",
    "http_interrupted": "A call to another system broke off.",
    "inputs_invalid": "What it was given does not fit what it asks for.",
    "run_timeout": "It took longer than it may.",
    "turn_timeout": "An agent inside took longer than it may.",
    "timeout": "A step inside took longer than it may.",
    "budget_exceeded": "A budget is used up.",
    "unknown_effect": "The worker stopped while it was calling out; the call may or may not have happened.",
    "internal_error": "It failed because of a fault in the program.",
}
ELSEWHERE = (
    "The listing's page names the systems it calls, under What it may do. If it happens again, tell its creator the version and the time."
)
SYSTEMS = ("http_unreachable", "http_unknown_host", "http_status", "http_interrupted")
UNWRITTEN = "Its creator wrote nothing more about this. What led here is sealed."
# Of a request, what an approval's author wrote for whoever decides, and who that is.
FOR_PEOPLE = ("title", "message", "buttons", "fields", "role", "assignee", "not_by_starter", "overdue_at", "escalate_to")


def told_outside(error: JsonObject | None, *, otherwise: str = FAILED) -> JsonObject | None:
    """The failure of a sealed run as the run that called it keeps it."""
    if not error:
        return None
    code = str(error.get("code") or "")
    told = REASONS.get(code)
    if told and code in SYSTEMS:
        told = f"{told} {ELSEWHERE}"
    return {"code": code if told else "sealed_failed", "message": told or otherwise, "node": None}


def asked_outside(row: Approval, name: str) -> dict[str, Any]:
    """What a decision of a sealed run may show: texts that were written for people; a budget's question is asked without its step."""
    if row.request.get("kind") != KIND:
        told = {key: row.request[key] for key in FOR_PEOPLE if key in row.request}
        return {"request": told | ({"message": UNWRITTEN} if row.request.get("is_written") is False else {})}
    title = f"Budget reached in “{name}”"
    told = {"title": title, "message": "What runs there is sealed. It waits with everything it has done so far."}
    return {"title": title, "request": {key: row.request[key] for key in ("kind", *FOR_PEOPLE) if key in row.request} | told}
