"""Comparing sources: what goes together, what contradicts, and what only one of them says."""

from app.adapters.llm_demo.sources import weigh


def part(text: str, heading: str) -> str:
    """One section of the comparison."""
    return text.partition(f"### {heading}\n")[2].partition("\n\n")[0]


def test_the_same_figure_of_two_sources_is_agreement_and_another_figure_is_not() -> None:
    told = weigh(
        "Are e-bikes worth it?",
        ["The battery lasts 5 years. A new bike costs 2,400 euros.", "A new bike costs 2,400 euros. The battery lasts 8 years."],
    )
    assert part(told, "Where they agree") == "- Sources 1 and 2: A new bike costs 2,400 euros."
    assert part(told, "Where they differ") == "- Source 1: The battery lasts 5 years. Source 2: The battery lasts 8 years."
    assert part(told, "What only one says") == "Nothing besides."


def test_opposite_directions_and_denials_differ_without_any_figure() -> None:
    told = weigh("Does it help?", ["Staff turnover rose after the move.", "Staff turnover fell after the move."])
    assert "Source 1: Staff turnover rose" in part(told, "Where they differ")
    told = weigh("Does it help?", ["The insurer covers theft abroad.", "The insurer does not cover theft abroad."])
    assert "does not cover theft" in part(told, "Where they differ")


def test_what_one_source_says_and_what_none_answers_are_named() -> None:
    told = weigh("What about noise at night?", ["The pump needs a drain.", "Neighbours sleep well."])
    assert part(told, "What only one says").split("\n") == ["- Source 1: The pump needs a drain.", "- Source 2: Neighbours sleep well."]
    assert "“noise”" in part(told, "What none of them answers")


def test_a_single_source_is_compared_with_nothing() -> None:
    told = weigh("How much rain fell?", ["The station measured 84 mm."])
    assert "one source only" in part(told, "Where they agree")
    assert "84 mm" in part(told, "What only one says")
