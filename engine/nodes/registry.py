"""The explicit list of node kinds, in the palette's order; palette, inspector, docs, checker and driver all read it."""

from types import MappingProxyType
from typing import Any

from engine.nodes.agent import Agent
from engine.nodes.approval import Approval
from engine.nodes.base import NodeKind
from engine.nodes.code import Code
from engine.nodes.condition import Condition
from engine.nodes.delay import Delay
from engine.nodes.end import End
from engine.nodes.http import Http
from engine.nodes.llm import Llm
from engine.nodes.map import Map
from engine.nodes.merge import Merge
from engine.nodes.note import Note
from engine.nodes.set_variables import SetVariables
from engine.nodes.start import Start
from engine.nodes.switch import Switch
from engine.nodes.template import TemplateNode

ALL: tuple[NodeKind[Any], ...] = (
    Start(),
    Agent(),
    Llm(),
    Condition(),
    Switch(),
    Map(),
    Merge(),
    Delay(),
    TemplateNode(),
    SetVariables(),
    Http(),
    Code(),
    Approval(),
    End(),
    Note(),
)
KINDS = MappingProxyType({kind.kind: kind for kind in ALL})


def get(kind: str) -> NodeKind[Any] | None:
    """The kind by name."""
    return KINDS.get(kind)
