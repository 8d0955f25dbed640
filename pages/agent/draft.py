"""The agent form's values as the browser shows them, and the definition they stand for. Numbers are kept as typed."""

from dataclasses import dataclass, field, replace
from typing import Any

from app.core.errors import Invalid
from engine.json import JsonObject, as_list, as_object
from engine.spec.agent import AgentLimits, AgentSpec

TEXTS = {"name": 400, "role": 1000, "instructions": 60_000, "model": 300}
LIMITS = ("max_steps", "max_output_tokens", "timeout_s")
_DEFAULT = AgentSpec().model_dump(mode="json")


@dataclass(frozen=True)
class AgentDraft:
    """What stands in the form."""

    name: str = ""
    role: str = ""
    instructions: str = ""
    model: str = str(_DEFAULT["model"])
    fallback_models: list[str] = field(default_factory=list)
    temperature: float = float(_DEFAULT["temperature"])
    max_steps: str = str(AgentLimits().max_steps)
    max_output_tokens: str = str(AgentLimits().max_output_tokens)
    timeout_s: str = f"{AgentLimits().timeout_s:g}"
    tools: list[str] = field(default_factory=list)
    output_schema: dict[str, Any] | None = None
    output_problem: str = ""  # what stands in the builder of the answer and is no schema, so that `output_schema` lacks it

    def spec(self) -> JsonObject:
        """The definition, not judged yet: what is no number stays a text, so that the check can say so."""
        limits = {name: _number(getattr(self, name)) for name in LIMITS}
        return {
            **{name: getattr(self, name) for name in TEXTS},
            "fallback_models": list(self.fallback_models),
            "temperature": self.temperature,
            "limits": limits,
            "tools": list(self.tools),
            "output_schema": _plain(self.output_schema),
        }

    def sound_spec(self) -> JsonObject:
        """The definition to save. Raises Invalid while something that was typed cannot stand in it, for it would be lost."""
        if self.output_problem:
            raise Invalid(self.output_problem, fields=self.problems())
        return self.spec()

    def problems(self) -> dict[str, str]:
        """What no service can see, by field."""
        return {"output_schema": self.output_problem} if self.output_problem else {}

    def is_other_than(self, saved: JsonObject) -> bool:
        """Whether leaving now would lose something."""
        return bool(self.output_problem) or self.spec() != saved

    def with_value(self, name: object, value: object) -> "AgentDraft":
        """Set one field by a client's event; unknown fields and values of another type change nothing."""
        if name in TEXTS and isinstance(value, str):
            return replace(self, **{str(name): value[: TEXTS[str(name)]]})
        if name in LIMITS and isinstance(value, str | int | float):
            return replace(self, **{str(name): str(value)[:20].strip()})
        if name == "temperature" and isinstance(value, int | float) and not isinstance(value, bool):
            return replace(self, temperature=round(float(value), 2))
        return self

    def with_tool(self, name: object, is_on: object) -> "AgentDraft":
        """Switch a tool on or off, keeping the order in which they were switched on."""
        others = [tool for tool in self.tools if tool != name]
        return replace(self, tools=[*others, str(name)[:80]] if is_on is True else others)

    def with_fallback(self, model: object, *, is_on: bool) -> "AgentDraft":
        """Add a fallback model at the end, or remove it."""
        others = [one for one in self.fallback_models if one != model]
        return replace(self, fallback_models=[*others, str(model)[:300]] if is_on else others)


def draft_of(spec: JsonObject) -> AgentDraft:
    """Read a definition into the form."""
    whole = {**_DEFAULT, **spec}
    limits = {**_DEFAULT["limits"], **(as_object(spec.get("limits")) or {})}
    return AgentDraft(
        **{name: str(whole[name]) for name in TEXTS},
        fallback_models=[str(one) for one in as_list(whole["fallback_models"]) or ()],
        temperature=float(whole["temperature"]),
        tools=[str(one) for one in as_list(whole["tools"]) or ()],
        output_schema=as_object(whole["output_schema"]),
        **{name: f"{limits[name]:g}" for name in LIMITS},
    )


def _plain(value: Any) -> Any:
    """A copy without the proxies in which Reflex hands out what a state holds."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text
