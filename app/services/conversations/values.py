"""Test values: what the variables in an agent's instructions are during a chat, where no workflow fills them."""

from app.core.errors import Invalid
from app.core.text import text_problem
from engine.expressions.analysis import analyze_template
from engine.expressions.errors import ExpressionError
from engine.expressions.template import compile_template
from engine.json import as_object
from engine.spec.agent import AgentSpec

MAX_VALUE = 4000
GIVEN = frozenset({"inputs.message", "inputs.history"})  # every chat turn has them


def checked_values(spec: AgentSpec, values: object) -> dict[str, str]:
    """Return the values of the inputs that the instructions name; raises Invalid for those that are needed and missing."""
    given = as_object(values) or {}
    names = input_names(spec.instructions)
    problems: dict[str, str] = {}
    for name in names:
        problem = text_problem(given.get(name, ""), max_length=MAX_VALUE, label=f"The value of {name}")
        if problem:
            problems[name] = problem
    kept = {name: str(given[name]) for name in names if given.get(name) and name not in problems}
    if not problems:
        problems = _rendering_problems(spec.instructions, kept, missing=[name for name in names if name not in kept])
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    return kept


def input_names(instructions: str) -> list[str]:
    """Return each `inputs.x` of a sound template that a person must fill for a test."""
    paths = (reference.path for reference in analyze_template(instructions).references)
    names = (f"inputs.{path[1]}" for path in paths if path[0] == "inputs" and len(path) > 1 and isinstance(path[1], str))
    return [name for name in dict.fromkeys(names) if name not in GIVEN]


def _rendering_problems(instructions: str, kept: dict[str, str], *, missing: list[str]) -> dict[str, str]:
    """Render once, as the run will, so that a missing value is told at its field and not by a failed answer."""
    inputs = {"message": "", "history": [], **{name.removeprefix("inputs."): value for name, value in kept.items()}}
    try:
        compile_template(instructions).render({"inputs": inputs, "vars": {}})
    except ExpressionError as error:
        needed = [name for name in missing if f"'{name.removeprefix('inputs.')}'" in error.message]
        if not needed:
            return {"instructions": str(error)}
        return {name: f"Give {name} a value under “Test values”: the instructions use it." for name in needed}
    return {}
