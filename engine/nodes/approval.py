"""Approval: stops until a person decides; each button is a way out."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import Permanent
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Port, Template, Wait, Widget
from engine.nodes.fields import FormField, form_gaps, form_schema, read_form
from engine.spec.agent import AgentSpec
from engine.spec.workflow import PortName

EXPIRED = "expired"
_ROLES = (("member", "Any member"), ("admin", "Administrators and owners"), ("owner", "Owners only"))
_FILLING = (("auto", "Automatic"), ("needed", "Must be filled in"), ("optional", "May stay empty"))


MOST_LETTERS = 20_000
_MESSAGE_HELP = (
    "What the person needs to know, in Markdown with references to earlier results. Left empty, it shows what the step before gave."
)


class Button(BaseModel):
    """One decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: PortName = Field(title="Port", description="The name of this way out. Keep it when you reword the label.")
    label: str = Field(min_length=1, max_length=40, title="Label", description="What stands on the button.")
    style: Literal["primary", "danger", "neutral"] = Field(default="neutral", title="Look")
    required_fields: Annotated[Literal["auto", "needed", "optional"], Widget("select", options=_FILLING)] = Field(
        default="auto",
        title="Required fields",
        description="Whether they must be filled in to press this button. Automatic: yes, unless it looks dangerous, as a rejection does.",
    )

    @property
    def needs_fields(self) -> bool:
        """Whether required fields must be filled in to press it."""
        return self.style != "danger" if self.required_fields == "auto" else self.required_fields == "needed"


class ApprovalConfig(NodeConfig):
    """What is asked, of whom, and for how long."""

    title: Template = Field(
        "Please decide", max_length=200, title="Title", description="The question in one line; it stands in the list of approvals."
    )
    message: Annotated[str, Widget("template")] = Field("", max_length=MOST_LETTERS, title="Message", description=_MESSAGE_HELP)
    buttons: Annotated[tuple[Button, ...], Widget("buttons")] = Field(
        (Button(id="approve", label="Approve", style="primary"), Button(id="reject", label="Reject", style="danger")),
        min_length=1,
        max_length=8,
        title="Buttons",
        description="Each button is a way out of this step.",
    )
    fields: Annotated[tuple[FormField, ...], Widget("form_fields")] = Field(
        (),
        max_length=30,
        title="Fields to fill in",
        description="What the person may add or correct; later steps read it as {{ step.values.name }}.",
    )
    role: Annotated[Literal["member", "admin", "owner"], Widget("select", options=_ROLES)] = Field("member", title="Who may decide")
    not_by_starter: bool = Field(False, title="Somebody else must decide", description="Whoever started the run cannot decide.")
    assignee: Annotated[str, Widget("template", placeholder="mia@example.com", advanced=True)] = Field(
        "",
        max_length=500,
        title="Assigned to",
        description="The email address of one member, who decides instead of everybody above. Owners can always decide.",
    )
    escalate_s: Annotated[float | None, Widget("duration", advanced=True)] = Field(
        None,
        gt=0,
        le=366 * 86_400,
        allow_inf_nan=False,
        title="Escalate after",
        description="If nobody has decided by then, it is marked as overdue and more people may decide. Empty: never.",
    )
    escalate_to: Annotated[Literal["member", "admin", "owner"], Widget("select", options=_ROLES, advanced=True)] = Field(
        "admin", title="Escalate to", description="Who may decide as well once it is overdue."
    )
    expires_s: Annotated[float | None, Widget("duration", advanced=True)] = Field(
        None,
        gt=0,
        le=366 * 86_400,
        allow_inf_nan=False,
        title="Expires after",
        description="Then the run goes on at 'expired'. Empty: never.",
    )

    @model_validator(mode="after")
    def _names_are_unique(self) -> "ApprovalConfig":
        ports = [button.id for button in self.buttons]
        names = [field.name for field in self.fields]
        if len(set(ports)) < len(ports) or {EXPIRED, "error"} & set(ports):
            raise ValueError("every button needs a port of its own, other than 'expired' and 'error'")
        if len(set(names)) < len(names):
            raise ValueError("two fields have the same name; rename one")
        return self


class Approval(NodeKind[ApprovalConfig]):
    """Parks the run and asks."""

    kind = "approval"
    title = "Approval"
    summary = "Asks a person to decide, then goes on at the button they press."
    category = "people"
    icon = "user-check"
    immediate = True
    only_decides = True
    config_type = ApprovalConfig

    def ports(self, config: ApprovalConfig) -> tuple[Port, ...]:
        """One per button; `expired` if it expires."""
        buttons = tuple(Port(button.id, button.label, "branch") for button in config.buttons)
        return (*buttons, Port(EXPIRED, "Expired", "branch")) if config.expires_s is not None else buttons

    def passes_on(self, config: ApprovalConfig) -> str | None:
        """Without a message people see what came in."""
        return None if config.message.strip() else "message"

    def gaps(self, config: ApprovalConfig) -> tuple[Gap, ...]:
        """Choices without options."""
        return form_gaps(config.fields)

    def output_schema(self, config: ApprovalConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Who pressed what, and what they filled in."""
        ports = [port.name for port in self.ports(config)]
        properties: JsonSchema = {
            "button": {"type": "string", "enum": ports},
            "note": {"type": "string"},
            "by": {"type": ["string", "null"]},
            "values": form_schema(config.fields),
        }
        return {"type": "object", "properties": properties, "required": list(properties)}

    def port_of(self, config: ApprovalConfig, output: JsonValue) -> str | None:
        """The button it names."""
        return str(output.get("button")) if isinstance(output, dict) else None

    async def run(self, ctx: NodeContext, config: ApprovalConfig) -> NodeResult | Wait:
        """Ask on the first call; go on with the decision."""
        decision = ctx.decision()
        if decision is None:
            until = None if config.expires_s is None else ctx.clock.now() + timedelta(seconds=config.expires_s)
            return Wait("approval", until, _request(config, ctx.clock.now(), message=config.message or _shown(ctx.incoming().values())))
        if decision.get("expired"):
            values = {field.name: field.default for field in config.fields}
            return NodeResult({"button": EXPIRED, "note": "", "by": None, "values": values}, EXPIRED)
        wanted = decision.get("button")
        button = next((known for known in config.buttons if known.id == wanted), None)
        if button is None:
            raise Permanent("invalid_decision", f"There is no button '{wanted}' on this approval.")
        values = read_form(config.fields, decision.get("values") or {}, code="invalid_decision", must_fill=button.needs_fields)
        return NodeResult(
            {"button": button.id, "note": decision.get("note") or "", "by": decided_by(decision), "values": values}, button.id
        )


def decided_by(decision: JsonObject) -> str | None:
    """The name of who decided; journals of earlier versions hold only an id."""
    return decision.get("by_name") or decision.get("by")


def pressing_needs_fields(request: JsonObject, button: str) -> bool:
    """Whether required fields of a request (as `_request` writes it) must be filled in to press the button."""
    raw = next((item for item in request.get("buttons") or [] if item.get("id") == button), {})
    return bool(raw.get("needs_fields", raw.get("style") != "danger"))


def _shown(values: Iterable[JsonValue]) -> str:
    """What came in, as Markdown: texts as they are, objects field by field."""
    return "\n\n".join(text for value in values if (text := _in_markdown(value)))[:MOST_LETTERS]


def _in_markdown(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(f"- **{name}**: {_in_line(item)}" for name, item in value.items() if item not in (None, "", [], {}))
    return _in_line(value) if value is not None else ""


def _in_line(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _request(config: ApprovalConfig, now: datetime, *, message: str) -> JsonObject:
    escalates_at = None if config.escalate_s is None else now + timedelta(seconds=config.escalate_s)
    return {
        "title": config.title,
        "message": message,
        "buttons": [{**button.model_dump(exclude={"required_fields"}), "needs_fields": button.needs_fields} for button in config.buttons],
        "fields": [field.model_dump(mode="json") for field in config.fields],
        "role": config.role,
        "not_by_starter": config.not_by_starter,
        "assignee": config.assignee.strip(),
        "escalates_at": escalates_at.isoformat() if escalates_at else None,
        "escalate_to": config.escalate_to,
        "is_written": bool(config.message),  # false: the message is what the step before gave
    }
