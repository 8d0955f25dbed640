"""docs/expressions.md names every filter and block there is, and no other."""

import re
from pathlib import Path

from engine.expressions.context import FILTERS
from engine.expressions.environment import TAGS
from engine.expressions.template import render_text

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")


def test_every_filter_is_documented_and_every_documented_filter_exists() -> None:
    section = PAGE.split("## Filters")[1].split("## Limits")[0]
    named = set(re.findall(r"`([a-z0-9_]+)`", section))
    assert named == set(FILTERS)


def test_every_block_is_documented() -> None:
    section = PAGE.split("## Texts and values")[1].split("## Conditions")[0]
    named = {word for group in re.findall(r"`([a-z /]+)`", section) for word in group.split(" / ")}
    blocks = {tag.name for tag in TAGS if tag.name.isalpha() and tag.name not in ("output", "content", "illegal")}
    assert blocks - {"echo"} <= named


def test_the_examples_of_the_page_are_true() -> None:
    scope = {"inputs": {}, "now": "2026-05-31T00:00:00Z"}
    assert render_text("{{ 0.1 | plus: 0.2 }}", scope, field="x") == "0.3"
    assert render_text("{{ inputs.nickname | default: 'friend' }}", scope, field="x") == "friend"
    assert render_text("{{ 'now' | date: '%d %B %Y' }}", scope, field="x") == "31 May 2026"
