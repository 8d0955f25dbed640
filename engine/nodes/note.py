"""Note: a sticky note on the canvas; it is drawn and never runs."""

from typing import Annotated, Literal

from pydantic import Field

from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Widget


class NoteConfig(NodeConfig):
    """What is written on it."""

    text: Annotated[str, Widget("textarea")] = Field(
        "", max_length=10_000, title="Text", description="Markdown for whoever reads the workflow."
    )
    color: Literal["yellow", "blue", "green", "pink", "gray"] = Field("yellow", title="Colour")


class Note(NodeKind[NoteConfig]):
    """A remark for readers."""

    kind = "note"
    title = "Note"
    summary = "A remark on the canvas for whoever reads the workflow."
    category = "logic"
    icon = "sticky-note"
    can_fail = False
    is_drawing = True
    config_type = NoteConfig

    def ports(self, config: NoteConfig) -> tuple[()]:
        """Nothing connects to a note."""
        return ()

    async def run(self, ctx: NodeContext, config: NoteConfig) -> NodeResult:
        """Never called: drawings are left out of the plan."""
        return NodeResult(None)
