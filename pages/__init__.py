"""The explicit list of pages; app.app adds each one and nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from pages.home.page import home_page


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its route, the function that renders it, its title, and the events of its arrival."""

    route: str
    render: Callable[[], rx.Component]
    title: str
    on_load: Sequence[Any] = ()


PAGES: tuple[Page, ...] = (Page(route="/", render=home_page, title="Home"),)
