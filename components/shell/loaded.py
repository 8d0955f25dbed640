"""What every page that reads something shows before it has read it, and when it could not."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui


def loaded(
    state: Any, content: rx.Component, *, rows: int = 5, also: Sequence[Any] = (), refused: str = "Not for your role"
) -> rx.Component:
    """`content`, once the state has read it. Until then so many grey rows; where that failed, why, and another try if one may help.

    The state is one of `pages.loading.Loading`. The frame is read again, too, and what `also` reads for the content: what kept the
    page from coming kept them as well.
    """
    failed = ui.error_state(state.problem, on_retry=[SessionState.guard, state.load, *also])
    closed = ui.empty_state(refused, state.problem, icon="lock")
    waiting = rx.cond(state.is_loading, ui.skeleton_rows(rows), content)
    return rx.cond(state.problem != "", rx.cond(state.is_refused, closed, failed), waiting)
