"""Pictures in a row; each opens large over the page, by the browser itself: Escape and a click beside it close it."""

from typing import Any

import reflex as rx


def gallery(pictures: Any) -> rx.Component:
    """`pictures` are ListingPicture views; nothing where there are none."""
    count = pictures.length()

    def thumb(one: Any, at: Any) -> rx.Component:
        shown = rx.el.img(src=one.href, alt=one.alt, width=one.width.to_string(), height=one.height.to_string(), loading="lazy")
        return rx.el.li(_opener(at, shown, class_name="af-shot", aria_label=f"Enlarge: {one.alt}"))

    def large(one: Any, at: Any) -> rx.Component:
        close = _opener(at, _icon("x"), class_name="af-lightbox-close", aria_label="Close", action="hide")
        before = _opener(at - 1, _icon("chevron_left"), class_name="af-lightbox-go", aria_label="Previous picture")
        after = _opener(at + 1, _icon("chevron_right"), class_name="af-lightbox-go", aria_label="Next picture")
        empty = rx.el.span(class_name="af-lightbox-go", aria_hidden="true")
        stage = rx.el.div(
            rx.cond(at > 0, before, empty), rx.el.img(src=one.href, alt=one.alt, loading="lazy"), rx.cond(at < count - 1, after, empty),
            class_name="af-lightbox-stage",
        )  # fmt: skip
        words = rx.el.p(one.alt, rx.el.span(f"{at + 1} of {count}"), class_name="af-lightbox-words")
        opened = {"popover": "auto"}
        return rx.el.div(
            close, stage, words, id=f"picture-{at}", custom_attrs=opened, role="dialog", aria_label=one.alt, class_name="af-lightbox"
        )

    row = rx.el.ul(rx.foreach(pictures, thumb), class_name="af-shots", aria_label="Pictures")
    return rx.cond(count > 0, rx.fragment(row, rx.foreach(pictures, large)))


def _opener(at: Any, *inside: rx.Component, action: str = "show", **props: Any) -> rx.Component:
    wires = {"popovertarget": f"picture-{at}", "popovertargetaction": action}
    return rx.el.button(*inside, type="button", custom_attrs=wires, **props)


def _icon(name: str) -> rx.Component:
    return rx.icon(name, size=20, aria_hidden="true")
