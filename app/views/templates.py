"""What pages see of templates: ready-made workflows, with the agents they bring."""

from dataclasses import dataclass

from app.views.workflows import Miniature


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A template in the gallery. `agents` are the names of the agents it creates."""

    key: str
    name: str
    summary: str
    category: str
    agents: tuple[str, ...]
    node_count: int
    miniature: Miniature
    needs_approval: bool = False
