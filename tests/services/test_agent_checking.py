"""Judging a draft: one plain problem per field, whatever a client sends."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import Invalid, NotSignedIn
from app.core.ports import ModelCard
from app.core.uow import UnitOfWork
from app.services import agents
from app.services.agents.variables import loose_names
from engine.tools import registry
from tests.support.people import make_member

GOOD: dict[str, Any] = {"name": "Helper", "instructions": "Hello {{ inputs.name | upcase }}", "model": "demo/assistant"}


class TwoModels:
    """A catalogue with a demo model, one that lacks a key, and one that cannot call tools."""

    def __init__(self) -> None:
        self._cards = [
            ModelCard("demo/assistant", "Demo assistant", "demo", 32_000, 0, 0, is_demo=True),
            ModelCard("openai/big", "Big", "openai", 128_000, 2, 8, is_available=False, unavailable_reason="OPENAI_API_KEY is not set"),
            ModelCard("demo/plain", "Plain", "demo", 8_000, 0, 0, is_demo=True, supports_tools=False),
        ]

    def cards(self) -> list[ModelCard]:
        return self._cards

    def card(self, model_id: str) -> ModelCard | None:
        return next((card for card in self._cards if card.id == model_id), None)

    def with_keys(self, providers: Collection[str]) -> "TwoModels":
        assert not providers, "no workspace here has keys of its own"
        return self


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    uow.ports = replace(uow.ports, catalogue=TwoModels())
    uow.actor = make_member(uow)
    return uow


def problems(uow: UnitOfWork, draft: object) -> dict[str, str]:
    return {problem.field: problem.message for problem in agents.check_agent(uow, draft=draft).problems}


def test_a_good_draft_has_no_problems(member: UnitOfWork) -> None:
    checked = agents.check_agent(member, draft=GOOD)
    assert checked.problems == ()
    assert checked.spec is not None


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": "  "}, "name", "Give the agent a name"),
        ({"name": "x" * 81}, "name", "at most 80"),
        ({"name": 5}, "name", "Name must be text"),
        ({"temperature": 2.5}, "temperature", "Temperature must be at most 2"),
        ({"temperature": "warm"}, "temperature", "Temperature must be a number"),
        ({"limits": {"max_steps": 0}}, "limits.max_steps", "Model calls per turn must be at least 1"),
        ({"limits": []}, "limits", "must be an object"),
        ({"instructions": "Hello {{ name "}, "instructions", "line 1"),
        ({"instructions": "a\n{{ x | shout }}"}, "instructions", "line 2"),
        ({"model": "openai/none"}, "model", "There is no model 'openai/none'"),
        ({"model": "openai/big"}, "model", "Big cannot be used: OPENAI_API_KEY is not set."),
        ({"model": "demo/plain", "tools": ["calculator"]}, "model", "cannot call tools"),
        ({"tools": ["rm_rf"]}, "tools", "There is no tool 'rm_rf'"),
        ({"tools": ["calculator", "calculator"]}, "tools", "listed twice"),
        ({"tools": "calculator"}, "tools", "must be a list"),
        ({"fallback_models": ["demo/assistant"]}, "fallback_models", "its own fallback"),
        ({"fallback_models": ["nope"]}, "fallback_models", "There is no model 'nope'"),
        ({"output_schema": {"type": "string"}}, "output_schema", "must describe an object"),
        ({"output_schema": {"type": "object", "properties": {"a": {"type": "x"}}}}, "output_schema", "a: "),
        ({"workspace_id": "1"}, "workspace_id", "no field"),
        ({"name": "a\x00b"}, "name", "NUL"),
        ({"instructions": "half \ud83d"}, "instructions", "surrogate"),
        ({"temperature": float("nan")}, "temperature", "NaN"),
        (
            {"output_schema": {"type": "object", "properties": {"a": {"type": "string", "default": float("inf")}}}},
            "output_schema",
            "Infinity",
        ),
    ],
)
def test_each_fault_is_one_plain_problem_of_its_field(member: UnitOfWork, change: dict[str, Any], field: str, words: str) -> None:
    found = problems(member, {**GOOD, **change})
    assert list(found) == [field]
    assert words.lower() in found[field].lower()


def test_a_template_problem_carries_its_place(member: UnitOfWork) -> None:
    (problem,) = agents.check_agent(member, draft={**GOOD, "instructions": "one\ntwo {{ x | shout }}"}).problems
    assert (problem.line, problem.column > 1) == (2, True)


def test_all_fields_are_judged_at_once(member: UnitOfWork) -> None:
    found = problems(
        member, {"name": "", "temperature": 9, "model": "nope", "tools": ["nope"], "limits": {"max_steps": 99, "timeout_s": 0}}
    )
    assert set(found) == {"name", "temperature", "model", "tools", "limits.max_steps", "limits.timeout_s"}


@pytest.mark.parametrize("garbage", [None, 5, "text", [], [GOOD], True, float("nan")])
def test_what_is_no_object_is_one_problem(member: UnitOfWork, garbage: object) -> None:
    assert problems(member, garbage) == {"agent": "The agent's definition must be a JSON object."}


def test_huge_deep_and_cyclic_drafts_are_one_quick_problem(member: UnitOfWork) -> None:
    deep: dict[str, Any] = {}
    here = deep
    for _ in range(5000):
        here["a"] = {}
        here = here["a"]
    cyclic: dict[str, Any] = {}
    cyclic["self"] = cyclic
    for hostile in (deep, cyclic, {"tools": ["x"] * 1_000_000}, "x" * 10_000_000):
        for value in ({**GOOD, "output_schema": hostile}, {**GOOD, "instructions": hostile}):
            assert len(problems(member, value)) == 1


def test_an_unavailable_model_may_stay_but_not_be_chosen_anew(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=GOOD)
    with pytest.raises(Invalid, match="OPENAI_API_KEY"):
        agents.save_agent(member, agent_id=made.id, base_version=1, draft={**GOOD, "model": "openai/big"})
    member.ports.catalogue.cards()[1:2] = [replace(member.ports.catalogue.cards()[1], is_available=True)]
    agents.save_agent(member, agent_id=made.id, base_version=1, draft={**GOOD, "model": "openai/big"})
    member.ports.catalogue.cards()[1:2] = [replace(member.ports.catalogue.cards()[1], is_available=False)]
    saved = agents.save_agent(member, agent_id=made.id, base_version=2, draft={**GOOD, "model": "openai/big", "role": "New"})
    assert saved.spec["role"] == "New"


def test_refused_saves_name_every_field(member: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        agents.create_agent(member, draft={"name": "", "temperature": 9})
    assert refused.value.fields.keys() == {"name", "temperature"}
    assert refused.value.message.endswith("(and 1 more)")


def test_checking_needs_a_session(uow: UnitOfWork) -> None:
    with pytest.raises(NotSignedIn):
        agents.check_agent(uow, draft=GOOD)


def test_the_form_offers_every_tool_of_the_registry(member: UnitOfWork) -> None:
    assert tuple(tool.name for tool in agents.list_form_options(member).tools) == tuple(registry.TOOLS)


def test_the_form_says_what_models_cost_and_why_one_cannot_be_used(member: UnitOfWork) -> None:
    demo, big, _ = agents.list_form_options(member).models
    assert (demo.context, demo.input_price, demo.is_demo) == ("32k", "free", True)
    assert (big.input_price, big.output_price, big.unavailable_reason) == ("$0.002", "$0.008", "OPENAI_API_KEY is not set")


def test_names_that_only_a_workflow_gives_are_told_but_do_not_keep_from_saving() -> None:
    assert loose_names("{{ inputs.a }} {{ vars.b }} {{ today }} {% for x in inputs.rows %}{{ x }}{% endfor %}") == ""
    assert loose_names("{% if product %}{{ product.name }}{% endif %}") == ""
    told = loose_names("For {{ product.name }} and {{ triage }}")
    assert told.startswith("“product”, “triage”: known only in a workflow")
    assert "inputs.product.name" in told
