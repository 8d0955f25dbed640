"""Every listed page can be drawn, has a title of its own, and guards itself unless it stands in front of the door."""

import pytest
from reflex_base.utils.format import format_event_handler

from app.session import SessionState
from pages import PAGES, VISITOR_EVENTS, Page

OPEN_TO_ALL = {
    "/sign-in",
    "/sign-up",
    "/invite",
    "/outbox",
    "/sign-in/code",
    "/forgot-password",
    "/reset-password",
    "/sign-up/finish",
    "/sign-in/workspace",
    "/verify-email",
    "404",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.route)
def test_a_page_can_be_drawn(page: Page) -> None:
    assert page.render().render()


FOR_VISITORS = {"/marketplace", "/marketplace/[slug]", "/marketplace/creators/[creator_id]"}


@pytest.mark.parametrize("page", [page for page in PAGES if page.route not in OPEN_TO_ALL | FOR_VISITORS], ids=lambda page: page.route)
def test_a_page_begins_with_the_guard(page: Page) -> None:
    assert page.on_load[0] == SessionState.guard


@pytest.mark.parametrize("page", [page for page in PAGES if page.route in FOR_VISITORS], ids=lambda page: page.route)
def test_a_page_for_visitors_greets_them_and_asks_nothing_that_they_may_not(page: Page) -> None:
    assert page.on_load[0] == SessionState.greet
    assert {format_event_handler(event) for event in page.on_load} <= VISITOR_EVENTS


def test_routes_and_titles_are_told_apart() -> None:
    assert len({page.route for page in PAGES}) == len(PAGES)
    assert len({str(page.title) for page in PAGES}) == len(PAGES)
