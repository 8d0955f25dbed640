"""Node kinds as the browser needs them: looks, ports and form fields, derived from the registry; canvas and inspector read it."""

from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import ValidationError

from components.canvas.search_words import SEARCH_WORDS
from engine.json import JsonObject
from engine.nodes.base import NodeKind, Port
from engine.nodes.forms import FormField, fields_of, form_of
from engine.nodes.registry import ALL
from engine.spec.workflow import RunLimits

# category of the engine -> (colour token, heading of the palette)
LOOKS = {
    "start": ("flow", "Start and end"),
    "end": ("flow", "Start and end"),
    "ai": ("ai", "AI"),
    "logic": ("logic", "Logic"),
    "data": ("data", "Data"),
    "people": ("human", "People"),
}
GROUP_ORDER = ("AI", "Logic", "Data", "People", "Start and end", "Notes")
ITEM_WIDGETS = ("cases", "buttons")
_PROBE = "probe_port"


@cache
def kind_catalog() -> dict[str, JsonObject]:
    """Every kind by name, in the order of the palette."""
    described = [_describe(kind) for kind in ALL]
    described.sort(key=lambda kind: GROUP_ORDER.index(kind["group"]))
    return {kind["kind"]: kind for kind in described}


def icon_names() -> list[str]:
    """Lucide names of all kinds."""
    return sorted({kind["icon"] for kind in kind_catalog().values()} | {"workflow", "circle-help"})


def _describe(kind: NodeKind[Any]) -> JsonObject:
    tone, group = LOOKS[kind.category]
    if kind.is_drawing:
        tone, group = "flow", "Notes"
    return {
        "kind": kind.kind,
        "title": kind.title,
        "summary": kind.summary,
        "hint": kind.summary,
        "words": SEARCH_WORDS[kind.kind],
        "category": kind.category,
        "tone": tone,
        "group": group,
        "icon": kind.icon,
        "isEntry": kind.is_entry,
        "isExit": kind.is_exit,
        "isDrawing": kind.is_drawing,
        "isContainer": kind.is_container,
        "attempts": kind.first_attempts,
        "isRegion": kind.is_region,
        "canFail": kind.can_fail and not kind.is_drawing,
        "ports": _ports(kind),
        "fields": [asdict(field) for field in form_of(kind)],
        "defaults": {field.name: field.default for field in form_of(kind)},
    }


def _ports(kind: NodeKind[Any]) -> JsonObject:
    """Fixed ways out, and the field whose entries add more; found by asking the kind with and without an extra entry."""
    if kind.is_drawing:
        return {"from": "", "branch": "normal", "fixed": [], "extra": []}
    for field in form_of(kind):
        probe = _with_probe(kind, field) if field.widget in ITEM_WIDGETS else None
        if probe is None:
            continue
        ports = kind.ports(probe)
        dynamic = next((port for port in ports if port.name == _PROBE), None)
        if dynamic is not None:
            fixed = [port for port in ports if port.name != _PROBE]
            extra = _extra_ports(kind, {port.name for port in kind.ports(kind.config_type())})
            return {"from": field.name, "branch": dynamic.kind, "fixed": [_port(port) for port in fixed], "extra": extra}
    return {"from": "", "branch": "normal", "fixed": [_port(port) for port in kind.ports(kind.config_type())], "extra": []}


def _extra_ports(kind: NodeKind[Any], usual: set[str]) -> list[JsonObject]:
    """Ways out that exist only while a duration is set, such as an approval's `expired`."""
    found: list[JsonObject] = []
    for field in form_of(kind):
        if field.widget == "duration" and field.default is None:
            ports = kind.ports(kind.config_type.model_validate({field.name: 3600}))
            found += [{"when": field.name, **_port(port)} for port in ports if port.name not in usual]
    return found


def _with_probe(kind: NodeKind[Any], field: FormField) -> Any:
    """A config whose list has one entry named like the probe, or None when the list takes no such entry."""
    names = {column.name for column in field.columns}
    entry = {"id": _PROBE} | ({"label": "Probe"} if "label" in names else {})
    try:
        return kind.config_type.model_validate({field.name: [entry]})
    except ValidationError:
        return None


def _port(port: Port) -> JsonObject:
    return {"name": port.name, "label": port.label, "kind": port.kind}


def limit_fields() -> list[JsonObject]:
    """What one run of a workflow may use, as fields: label, help and bounds come from the limits themselves."""
    helps = {
        "max_parallel": "Parallel branches and list items beyond it wait for their turn.",
        "timeout_s": "Active work, such as 30 min or 2 h; waiting for people, times and retries does not count.",
        "max_steps": "Steps over all passes of lists and loops; a run that needs more asks how to go on.",
        "max_cost_micros": "In US dollars, such as 0.50, for all its model calls. At the limit the run waits and asks. Empty: no limit.",
        "max_tokens": "Read and written in all its model calls. At the limit the run waits and asks. Empty: no limit.",
    }
    units = {"max_cost_micros": "dollars", "timeout_s": "duration"}
    return [
        {
            "name": field.name,
            "label": field.label,
            "help": helps.get(field.name, field.help),
            "low": field.low,
            "high": field.high,
            "unit": units.get(field.name, ""),
            "optional": field.name in ("max_cost_micros", "max_tokens"),
        }
        for field in fields_of(RunLimits)
    ]
