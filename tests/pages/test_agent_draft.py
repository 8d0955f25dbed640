"""The agent form's values: loss-free both ways, and deaf to what a browser must not send."""

from dataclasses import replace

import pytest

from app.core.errors import Invalid
from engine.spec.agent import AgentLimits, AgentSpec
from pages.agent.draft import AgentDraft, draft_of

SPEC = AgentSpec(
    name="Helper",
    role="Helps",
    instructions="Be kind.",
    model="demo/assistant",
    fallback_models=("demo/writer",),
    temperature=0.7,
    limits=AgentLimits(max_steps=3, max_output_tokens=500, timeout_s=12.5),
    tools=("calculator",),
    output_schema={"type": "object", "properties": {"a": {"type": "string"}}},
)


def test_a_definition_survives_the_form() -> None:
    assert AgentSpec.model_validate(draft_of(SPEC.model_dump(mode="json")).spec()) == SPEC


def test_a_draft_whose_answer_lost_a_field_is_not_saved_and_counts_as_changed() -> None:
    draft = replace(draft_of(SPEC.model_dump(mode="json")), output_problem="Field 2 (“a”): Another field here has the same name.")
    assert draft.is_other_than(draft.spec())
    with pytest.raises(Invalid) as refused:
        draft.sound_spec()
    assert refused.value.fields == {"output_schema": "Field 2 (“a”): Another field here has the same name."}
    mended = replace(draft, output_problem="")
    assert not mended.is_other_than(mended.spec())
    assert mended.sound_spec() == mended.spec()


def test_an_empty_form_is_the_default_definition() -> None:
    assert AgentSpec.model_validate(AgentDraft().spec()) == AgentSpec()


def test_a_number_that_is_none_is_left_for_the_check_to_tell() -> None:
    assert AgentDraft().with_value("max_steps", "many").spec()["limits"]["max_steps"] == "many"
    assert AgentDraft().with_value("timeout_s", " 7.5 ").spec()["limits"]["timeout_s"] == 7.5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workspace_id", "x"),
        ("output_schema", {"type": "object"}),
        ("tools", ["x"]),
        ("name", ["x"]),
        ("temperature", "hot"),
        ("temperature", True),
        (None, "x"),
        (["name"], "x"),
        ("__class__", "x"),
    ],
)
def test_forged_fields_and_values_change_nothing(name: object, value: object) -> None:
    assert AgentDraft().with_value(name if isinstance(name, str) else "", value) == AgentDraft()


def test_a_huge_text_is_cut_before_it_is_kept() -> None:
    assert len(AgentDraft().with_value("instructions", "x" * 10_000_000).instructions) == 60_000


def test_tools_and_fallbacks_are_switched_one_by_one() -> None:
    draft = AgentDraft().with_tool("a", True).with_tool("b", True).with_tool("a", True).with_tool("b", "yes")
    assert draft.tools == ["a"]
    draft = draft.with_fallback("m", is_on=True).with_fallback("n", is_on=True).with_fallback("m", is_on=False)
    assert draft.fallback_models == ["n"]
