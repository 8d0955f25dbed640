"""The face of a creator: their picture, or their initials where there is none."""

from typing import Any

import reflex as rx


def face(href: Any, initials: Any, *, small: bool = False) -> rx.Component:
    """Beside the name, so it says nothing of its own."""
    names = "af-creator-face af-creator-face-small" if small else "af-creator-face"
    picture = rx.el.img(src=href, alt="", loading="lazy", class_name=names)
    return rx.cond(href != "", picture, rx.el.span(initials, aria_hidden="true", class_name=names))
