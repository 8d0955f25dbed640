"""The marketplace: shelves to look along, or what a search found."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell import shell_page
from pages.marketplace.parts import card_grid
from pages.marketplace.state import MarketState

_state: Any = MarketState
SHELVES = (
    ("support", "Support"),
    ("sales", "Sales"),
    ("research", "Research"),
    ("operations", "Operations"),
    ("education", "Education"),
    ("engineering", "Engineering"),
)
PRICES = (("", "All"), ("free", "Free"), ("paid", "Paid"))
SORTS = (
    ("", "Best match"),
    ("rating", "Best rated"),
    ("popular", "Most installed"),
    ("newest", "Newest"),
    ("cheapest", "Lowest price"),
    ("dearest", "Highest price"),
)
STARS = (("", "Any rating"), ("4", "4 stars and up"), ("3", "3 stars and up"), ("2", "2 stars and up"))
MODELS = (
    ("", "Any models"),
    ("demo", "Demo models (no key)"),
    ("openai", "OpenAI"),
    ("anthropic", "Anthropic"),
    ("gemini", "Google"),
    ("azure", "Azure"),
    ("ollama", "Ollama"),
)
NEEDS = (("network", "Other systems"), ("code", "Code"), ("tools", "Tools"), ("credentials", "Credentials"))


def _bar() -> rx.Component:
    links = [
        rx.el.button(
            label,
            type="button",
            aria_pressed=_state.chosen["category"] == key,
            on_click=_state.choose("category", key),
            class_name="af-shelf-link",
        )
        for key, label in SHELVES
    ]
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search the marketplace", width="100%")
    price = ui.segmented(PRICES, value=_given("price"), on_change=lambda key: _state.choose("price", key), label="Price")
    return rx.fragment(
        rx.el.div(rx.el.div(search, class_name="af-market-search"), price, _pick("sort", SORTS, "Sort by"), class_name="af-market-bar"),
        rx.el.div(*links, role="group", aria_label="Categories", class_name="af-shelf-links"),
        _narrow(),
    )


def _given(name: str) -> Any:
    return rx.cond(_state.chosen[name], _state.chosen[name], "")


def _pick(name: str, choices: Any, label: str) -> rx.Component:
    return rx.el.select(
        *ui.options(choices),
        value=_given(name),
        on_change=lambda value: _state.choose(name, value),
        aria_label=label,
        class_name="af-input af-market-sort",
    )


def _narrow() -> rx.Component:
    """Filters that fewer people need: rating, whose models, and what it must do without."""
    needs = [
        rx.el.button(
            label, type="button", aria_pressed=_state.avoided.contains(key), on_click=_state.toggle_need(key), class_name="af-shelf-link"
        )
        for key, label in NEEDS
    ]
    without = rx.el.div(ui.muted("Works without"), *needs, role="group", aria_label="Works without", class_name="af-market-needs")
    return rx.el.div(_pick("stars", STARS, "Rating"), _pick("model", MODELS, "Models"), without, class_name="af-market-narrow")


def _everything() -> rx.Component:
    """Where the shelves end: the way to all listings, the best rated first."""
    count = rx.el.span("All ", _state.total, rx.cond(_state.total == 1, " listing", " listings"))
    shown = ui.row(ui.button(count, icon="layout_grid", on_click=_state.choose("sort", "rating")), ui.muted("The best rated first."))
    return rx.cond(_state.total > 0, ui.section("All listings", shown), rx.fragment())


def _shelf(shelf: Any) -> rx.Component:
    about = rx.cond(shelf.about != "", ui.muted(shelf.about), rx.fragment())
    return ui.section(shelf.title, about, card_grid(shelf.cards))


def _results() -> rx.Component:
    nothing = ui.empty_state(
        "Nothing fits this search", "Try other words or fewer filters.", ui.button("Show all", on_click=_state.show_all), icon="search_x"
    )
    corrected = rx.cond(_state.corrected != "", ui.muted("Also showing what is spelled like “", _state.corrected, "”."), rx.fragment())
    count = rx.el.p(_state.total, rx.cond(_state.total == 1, " listing", " listings"), class_name="af-muted af-small", role="status")
    some = rx.cond(_state.has_all, rx.fragment(), ui.callout("Nothing has all these words; these have some."))
    more = rx.cond(_state.has_more, ui.row(ui.button("Show more", on_click=_state.more)), rx.fragment())
    found = ui.stack(some, ui.row(count, corrected, wrap=True), card_grid(_state.cards), more, gap=4)
    return rx.cond(_state.total == 0, nothing, found)


def marketplace_page() -> rx.Component:
    """Render the page."""
    header = ui.page_header(
        "Marketplace",
        description="Agents and workflows that others have built and tested. Look inside, see what they may do, then install.",
        actions=(
            rx.cond(_state.desk != "", ui.link_button(_state.desk, href="/marketplace/moderation", icon="gavel"), rx.fragment()),
            rx.cond(SessionState.is_visitor, rx.fragment(), ui.link_button("Purchases", href="/purchases", icon="receipt")),
            ui.link_button("Sell", href="/marketplace/sell", icon="store"),
        ),
    )
    shelves = ui.stack(rx.foreach(_state.shelves, _shelf), _everything(), gap=8)
    body = rx.cond(
        _state.is_loading,
        ui.skeleton_cards(8, height="250px"),
        rx.cond(
            _state.problem != "", ui.error_state(_state.problem, on_retry=_state.load), rx.cond(_state.is_searching, _results(), shelves)
        ),
    )
    return shell_page(header, _bar(), body, title="Marketplace", active="marketplace", is_public=True)
