"""The explicit list of node kinds, in the palette's order; palette, inspector, docs, checker and driver all read it."""

from collections import Counter
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from engine.json import JsonObject
from engine.nodes.add_entries import AddEntries
from engine.nodes.agent import Agent
from engine.nodes.approval import Approval
from engine.nodes.base import NodeKind
from engine.nodes.batch import Batch
from engine.nodes.code import Code
from engine.nodes.condition import Condition
from engine.nodes.delay import Delay
from engine.nodes.end import End
from engine.nodes.fail import Fail
from engine.nodes.forms import form_of
from engine.nodes.handoff import Handoff
from engine.nodes.http import Http
from engine.nodes.leave import Leave
from engine.nodes.llm import Llm
from engine.nodes.loop import Loop
from engine.nodes.map import Map
from engine.nodes.merge import Merge
from engine.nodes.milestone import Milestone
from engine.nodes.note import Note
from engine.nodes.region import RegionKind
from engine.nodes.respond import Respond
from engine.nodes.router import Router
from engine.nodes.send_signal import SendSignal
from engine.nodes.set_variables import SetVariables
from engine.nodes.start import Start
from engine.nodes.stop import Stop
from engine.nodes.supervisor import Supervisor
from engine.nodes.switch import Switch
from engine.nodes.template import TemplateNode
from engine.nodes.wait_signal import WaitSignal
from engine.nodes.workflow import SubWorkflow
from engine.words import as_words

ALL: tuple[NodeKind[Any], ...] = (
    Start(),
    Agent(),
    Llm(),
    Router(),
    Supervisor(),
    Handoff(),
    Condition(),
    Switch(),
    Map(),
    Batch(),
    Loop(),
    RegionKind(),
    Merge(),
    Milestone(),
    Stop(),
    Leave(),
    AddEntries(),
    SubWorkflow(),
    Delay(),
    WaitSignal(),
    SendSignal(),
    TemplateNode(),
    SetVariables(),
    Http(),
    Code(),
    Approval(),
    Respond(),
    End(),
    Fail(),
    Note(),
)
KINDS = MappingProxyType({kind.kind: kind for kind in ALL})


def get(kind: str) -> NodeKind[Any] | None:
    """The kind by name."""
    return KINDS.get(kind)


def field_titles(kind: str) -> dict[str, str]:
    """What people call the settings of a kind."""
    known = get(kind)
    return {} if known is None else {item.name: item.label for item in form_of(known)}


def code_names(kind: str) -> list[str]:
    """The settings of a kind that hold code or conditions, those of its entries included."""
    known = get(kind)
    every = [] if known is None else [one for item in form_of(known) for one in (item, *item.columns)]
    return [item.name for item in every if item.widget in ("code", "condition")]


def told_steps(nodes: Iterable[JsonObject]) -> dict[str, str]:
    """The steps of a stored definition by id, as a sentence has them: by name, or by id where several are called the same."""
    names = {node["id"]: step_name(node["id"], node.get("kind", ""), node.get("label") or "") for node in nodes}
    counts = Counter(names.values())
    return {node_id: f"“{name}”" if counts[name] == 1 else f"'{node_id}'" for node_id, name in names.items()}


def step_name(node_id: str, kind: str, label: str = "") -> str:
    """What people call a step: its label, else the title of its kind, as the canvas has it."""
    known = get(kind)
    return label or (known.title if known is not None else as_words(node_id))
