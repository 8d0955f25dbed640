"""Judges a draft from a form: one plain problem per field; saving, chatting and inline validation all ask it."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.agents.fields import label_of
from app.services.agents.options import TOOL_NAMES
from app.services.agents.variables import loose_names, needed_values, variables_of
from app.views.agents import FieldProblem, NeededValue
from engine.errors import SpecError
from engine.expressions.analysis import analyze_template
from engine.expressions.errors import ExpressionError
from engine.json import JsonObject
from engine.spec.agent import AgentSpec
from engine.spec.explain import Problem, explain
from engine.spec.guard import JsonLimits, check_json
from engine.spec.output_schema import check_output_schema

LIMITS = JsonLimits(depth=24, values=5_000, string_chars=60_000, total_chars=300_000)
MODEL_UNAVAILABLE = "model_unavailable"


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """The parsed definition, or None with the problems that stand in its way; at most one problem per field."""

    spec: AgentSpec | None
    problems: tuple[FieldProblem, ...]
    variables: tuple[str, ...] = ()  # dotted names that the instructions use, such as inputs.customer
    needed: tuple[NeededValue, ...] = ()  # what a test must fill in
    hint: str = ""  # about names that not every run has


def check_agent(uow: UnitOfWork, *, draft: object) -> CheckedDraft:
    """Judge a draft for a member who may see agents; cheap enough to run while somebody types."""
    require(uow, Permission.VIEW)
    return judge_draft(uow, draft)


def require_valid(checked: CheckedDraft, *, accept: frozenset[str] = frozenset()) -> AgentSpec:
    """Return the definition or raise Invalid with every field; `accept` lists problem codes that do not matter here."""
    problems = [problem for problem in checked.problems if problem.code not in accept]
    if problems or checked.spec is None:
        first = problems[0].message if problems else "The agent's definition is not valid."
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise Invalid(f"{first}{more}", fields={problem.field: problem.message for problem in problems})
    return checked.spec


def judge_draft(uow: UnitOfWork, draft: object) -> CheckedDraft:
    """The check itself, for services that have already asked permission."""
    broken = _unreadable(draft)
    if broken:
        return CheckedDraft(None, (broken,))
    values: JsonObject = dict(draft)  # type: ignore[call-overload] - _unreadable saw a dict
    spec, problems = _parse(values)
    found = {problem.field: problem for problem in problems}
    for problem in _meaning_problems(uow, values, skip=frozenset(found)):
        found.setdefault(problem.field, problem)
    is_broken = any(problem.code != MODEL_UNAVAILABLE for problem in found.values())
    template = "" if "instructions" in found else str(values.get("instructions", ""))
    told = (variables_of(template), needed_values(template), loose_names(template))
    return CheckedDraft(None if is_broken else spec, tuple(found.values()), *told)


def _unreadable(draft: object) -> FieldProblem | None:
    """Refuse what is not a plain, storable, reasonably small JSON object before anything looks inside."""
    if not isinstance(draft, dict):
        return FieldProblem("agent", "The agent's definition must be a JSON object.")
    try:
        check_json(draft, limits=LIMITS)
    except SpecError as error:
        finding = error.findings[0]
        field = (finding.field or "agent").split(".")[0]
        return FieldProblem(field, f"{label_of(field)}: {finding.message} {finding.remedy}", code=finding.code)
    return None


def _parse(values: JsonObject) -> tuple[AgentSpec | None, list[FieldProblem]]:
    try:
        return AgentSpec.model_validate(values), []
    except ValidationError as error:
        return None, [_plain(problem) for problem in explain(error, AgentSpec)]


def _plain(problem: Problem) -> FieldProblem:
    """Say one complaint with the form's labels; a problem inside a list or schema belongs to the field as a whole."""
    path = [str(part) for part in problem.loc]
    field = ".".join(path[:2] if path[:1] == ["limits"] else path[:1]) or "agent"
    message = f"{problem.message} {problem.remedy}".replace(f"'{path[-1]}'", label_of(field)) if path else problem.message
    return FieldProblem(field[:80], message, code=problem.code)


def _meaning_problems(uow: UnitOfWork, values: JsonObject, *, skip: frozenset[str]) -> Iterator[FieldProblem]:
    """Check what types cannot say, field by field, leaving out fields that are already known to be wrong."""
    checks = (
        ("name", lambda: _name_problem(values.get("name", ""))),
        ("instructions", lambda: _template_problem(values.get("instructions", ""))),
        ("model", lambda: _model_problem(uow, values)),
        ("fallback_models", lambda: _fallback_problem(uow, values)),
        ("tools", lambda: _tools_problem(values.get("tools", ()))),
        ("output_schema", lambda: _schema_problem(values.get("output_schema"))),
    )
    for field, check in checks:
        problem = check() if field not in skip else None
        if problem:
            yield problem


def _name_problem(name: str) -> FieldProblem | None:
    if name.strip():
        return None
    return FieldProblem("name", "Give the agent a name, such as 'Support triage'.", code="required")


def _template_problem(text: str) -> FieldProblem | None:
    try:
        analyze_template(text)
    except ExpressionError as error:
        return FieldProblem("instructions", str(error), code="template", line=error.line or 0, column=error.column or 0)
    return None


def _model_problem(uow: UnitOfWork, values: JsonObject) -> FieldProblem | None:
    model = values.get("model", AgentSpec.model_fields["model"].default)
    card = uow.catalogue.card(model)
    if card is None:
        return FieldProblem("model", f"There is no model {model[:80]!r}. Choose one from the list.", code="unknown_model")
    if not card.is_available:
        reason = card.unavailable_reason.rstrip(".") or "it is not set up here"
        return FieldProblem("model", f"{card.label} cannot be used: {reason}.", code=MODEL_UNAVAILABLE)
    if values.get("tools") and not card.supports_tools:
        return FieldProblem("model", f"{card.label} cannot call tools. Choose another model or switch the tools off.", code="no_tools")
    return None


def _fallback_problem(uow: UnitOfWork, values: JsonObject) -> FieldProblem | None:
    fallbacks = list(values.get("fallback_models", ()))
    for model in fallbacks:
        if uow.catalogue.card(model) is None:
            return FieldProblem("fallback_models", f"There is no model {model[:80]!r}. Remove it or choose another.", code="unknown_model")
    if values.get("model") in fallbacks:
        return FieldProblem("fallback_models", "The model itself cannot be its own fallback. Remove it from the list.")
    if len(set(fallbacks)) < len(fallbacks):
        return FieldProblem("fallback_models", "The same fallback model is listed twice. Remove one of them.")
    return None


def _tools_problem(tools: object) -> FieldProblem | None:
    names = list(tools)  # type: ignore[call-overload] - pydantic accepted it
    unknown = [name for name in names if name not in TOOL_NAMES]
    if unknown:
        message = f"There is no tool {unknown[0][:60]!r}. Available are: {', '.join(TOOL_NAMES)}."
        return FieldProblem("tools", message, code="unknown_tool")
    if len(set(names)) < len(names):
        return FieldProblem("tools", "The same tool is listed twice. Remove one of them.")
    return None


def _schema_problem(schema: object) -> FieldProblem | None:
    findings = check_output_schema(schema) if schema is not None else []
    if not findings:
        return None
    where = f"{findings[0].field}: " if findings[0].field else ""
    return FieldProblem("output_schema", f"{where}{findings[0].message} {findings[0].remedy}".strip(), code="schema")
