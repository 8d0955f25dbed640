"""The explicit list of node kinds; palette, inspector, docs, checker and driver all read it."""

from types import MappingProxyType
from typing import Any

from engine.nodes.base import NodeKind
from engine.nodes.condition import Condition
from engine.nodes.end import End
from engine.nodes.start import Start
from engine.nodes.template import TemplateNode

ALL: tuple[NodeKind[Any], ...] = (Start(), Condition(), TemplateNode(), End())
KINDS = MappingProxyType({kind.kind: kind for kind in ALL})


def get(kind: str) -> NodeKind[Any] | None:
    """The kind by name."""
    return KINDS.get(kind)
