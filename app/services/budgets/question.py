"""What a run that reached a cap asks: the facts of the refusal in plain words, with what a person can do. Approvals carry it."""

from engine.json import JsonObject

KIND = "budget"
RAISE, CHEAPER, STOP = "raise", "cheaper", "stop"
MICROS = 1_000_000
_PERIODS = {"day": " today", "month": " this month"}


def amount_text(cap: str, amount: float) -> str:
    """An amount of what is capped, with its unit."""
    if cap == "money":
        dollars = amount / MICROS
        return f"${dollars:,.2f}" if dollars >= 0.1 or not amount else f"${dollars:,.4f}"
    if cap == "time":
        return f"{amount:,.0f} seconds of work"
    return f"{amount:,.0f} {cap}"


def whose(facts: JsonObject) -> str:
    """Whose budget it is."""
    if facts.get("scope") == "agent":
        return f"the agent “{facts.get('subject')}”"
    return "this workspace" if facts.get("scope") == "workspace" else "this run"


def note_of(facts: JsonObject) -> str:
    """Why the run stands still, in one sentence."""
    cap, limit = str(facts.get("cap")), _shown(facts, "limit")
    what = amount_text(cap, limit)
    return f"The limit of {what} for {whose(facts)}{_PERIODS.get(str(facts.get('period')), '')} is reached."


def question_of(request: JsonObject, step: str) -> JsonObject:
    """The request of the approval that asks how to go on."""
    cap = str(request.get("cap"))
    cheaper = [str(model) for model in request.get("cheaper") or []]
    buttons = [{"id": RAISE, "label": "Raise the limit", "style": "primary", "needs_fields": False}]
    fields = [_amount_field(cap, request)]
    if cheaper:
        buttons.append({"id": CHEAPER, "label": "Use the cheaper model", "style": "neutral", "needs_fields": False})
        fields.append(
            {
                "name": "model",
                "title": "Cheaper model",
                "type": "choice",
                "description": "For the rest of this run.",
                "required": False,
                "options": cheaper,
                "default": cheaper[0],
            }
        )
    buttons.append({"id": STOP, "label": "Stop the run", "style": "danger", "needs_fields": False})
    return {
        **request,
        "kind": KIND,
        "title": _title(request),
        "message": _message(request, step),
        "buttons": buttons,
        "fields": fields,
        "role": "admin" if request.get("scope") == "workspace" else "member",
    }


def _title(request: JsonObject) -> str:
    cap = str(request.get("cap"))
    return (
        f"Budget reached: {amount_text(cap, _shown(request, 'limit'))} for {whose(request)}{_PERIODS.get(str(request.get('period')), '')}"
    )


def _message(request: JsonObject, step: str) -> str:
    cap = str(request.get("cap"))
    used = f"Used so far: **{amount_text(cap, _shown(request, 'used'))}** of {amount_text(cap, _shown(request, 'limit'))}."
    wanted = ""
    if cap in ("money", "tokens") and request.get("wanted"):
        model = f" {request['model']}" if request.get("model") else " its model"
        wanted = f" The step “{step}” wants to ask{model}, which may need up to **{amount_text(cap, _shown(request, 'wanted'))}** more."
    until = " It goes on by itself when the next period begins." if request.get("period") in _PERIODS else ""
    return f"{used}{wanted}\n\nThe run waits with everything it has done so far.{until}"


def _shown(request: JsonObject, name: str) -> float:
    """A figure in the unit people read: time is kept in milliseconds for budgets, in seconds for the limits of a run."""
    value = float(request.get(name) or 0)
    return value / 1000 if request.get("cap") == "time" and request.get("budget") else value


def _amount_field(cap: str, request: JsonObject) -> JsonObject:
    titles = {
        "money": "New limit in US dollars",
        "tokens": "New limit in tokens",
        "time": "New limit in seconds",
        "steps": "New limit in steps",
    }
    limit, wanted = _shown(request, "limit"), _shown(request, "wanted")
    enough = max(2 * limit, _shown(request, "used") + 2 * wanted)
    default: float = round(enough / MICROS + 0.005, 2) if cap == "money" else int(enough)
    return {"name": "amount", "title": titles.get(cap, "New limit"), "type": "number", "required": False, "default": default}
