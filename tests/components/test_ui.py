"""Widgets render what screen readers, forms and the token set need."""

import re
from pathlib import Path

import pytest
import reflex as rx

from components import ui
from components.ui.theme import STYLESHEETS, head_components, radix_plugin

WIDGETS = Path(__file__).parents[2] / "components/ui"
ASSETS = Path(__file__).parents[2] / "assets"
TOKENS = (ASSETS / "styles/tokens.css").read_text(encoding="utf-8")


def text_of(component: rx.Component) -> str:
    return str(component.render())


def names(block: str) -> set[str]:
    return set(re.findall(r"^\s*(--af-[\w-]+):", block, re.MULTILINE))


def test_a_field_ties_label_help_and_error_to_its_control() -> None:
    drawn = text_of(ui.text_field("Name", name="title", help="Shown in lists.", error="Too short.", required=True))
    assert 'htmlFor:"field-title"' in drawn
    assert 'id:"field-title"' in drawn
    assert "help-title error-title" in drawn
    assert '"aria-invalid":true' in drawn
    assert 'role:"alert"' in drawn


def test_a_field_without_help_and_error_announces_neither() -> None:
    drawn = text_of(ui.text_field("Name", name="title"))
    assert "aria-describedby" not in drawn
    assert "alert" not in drawn


def test_a_loading_button_cannot_be_pressed_again() -> None:
    drawn = text_of(ui.button("Save", loading=True))
    assert "disabled:true" in drawn
    assert "af-spinner" in drawn


def test_an_icon_button_always_has_a_name() -> None:
    assert '"aria-label":"Delete"' in text_of(ui.icon_button("trash_2", label="Delete"))


def test_a_status_is_told_by_word_and_shape() -> None:
    drawn = text_of(ui.status_badge("failed"))
    assert "af-status-failed" in drawn
    assert '"failed"' in drawn


def test_select_takes_pairs() -> None:
    drawn = text_of(ui.select("Model", [("a", "Alpha"), ("b", "Beta")], name="model", value="b"))
    assert drawn.count("'name': '\"option\"'") == 2


def test_every_stylesheet_handed_to_reflex_exists() -> None:
    assert [sheet for sheet in STYLESHEETS if not (ASSETS / sheet.lstrip("/")).is_file()] == []


def test_dark_mode_redefines_every_colour_of_light_mode() -> None:
    light = names(TOKENS.split(".light {")[1].split("\n}")[0])
    dark = names(TOKENS.split(".dark {")[1].split("\n}")[0])
    assert light == dark


def test_stylesheets_use_only_tokens_that_exist() -> None:
    by_widgets = {name for file in WIDGETS.glob("*.py") for name in re.findall(r'"(--af-[\w-]+)"', file.read_text(encoding="utf-8"))}
    known = names(TOKENS) | by_widgets
    for sheet in (ASSETS / "styles").glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        used = set(re.findall(r"var\((--af-[\w-]+)", text))
        assert used <= known | names(text), sheet.name


def test_a_class_is_drawn_by_one_stylesheet() -> None:
    sheets: dict[str, set[str]] = {}
    for sheet in (*(ASSETS / "styles").glob("*.css"), *WIDGETS.parent.rglob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selector in re.findall(r"[^{},]+(?=[,{])", text):
            if plain := re.fullmatch(r"\.([\w-]+)", selector.strip()):
                sheets.setdefault(plain[1], set()).add(sheet.name)
    assert len(sheets) > 400
    assert {name: sorted(names) for name, names in sheets.items() if len(names) > 1} == {}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [".light {", ".dark {"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("text", "canvas"),
        ("muted", "canvas"),
        ("muted", "hover"),
        ("faint", "surface"),
        ("on-accent", "accent"),
        ("accent-text", "canvas"),
        ("accent-text", "accent-soft"),
        *[(tone, f"{tone}-soft") for tone in ("green", "amber", "red", "blue")],
        *[(f"cat-{kind}", f"cat-{kind}-soft") for kind in ("flow", "ai", "logic", "data", "action", "human")],
    ],
)
def test_text_colours_reach_wcag_aa(mode: str, ink: str, ground: str) -> None:
    block = TOKENS.split(mode)[1].split("\n}")[0]
    values = dict(re.findall(r"--af-([\w-]+): (#[0-9a-f]{6});", block))
    assert contrast(values[ink], values[ground]) >= 4.5


def test_the_document_head_needs_nothing_from_outside() -> None:
    assert not re.search(r"https?://", "".join(text_of(part) for part in head_components()))
    assert radix_plugin().enabled
