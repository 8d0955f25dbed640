"""The bar above the canvas while two versions are compared on it."""

from typing import Any

import reflex as rx

from components.canvas.bridge import act, editor_var


@rx.memo
def preview_bar() -> rx.Component:
    """Says what the colours mean, and leads back to the draft."""
    preview = editor_var("preview", dict[str, Any])
    marks = [rx.el.span(word, class_name=f"af-change-mark af-change-{word}") for word in ("added", "changed", "removed")]
    back = rx.el.button("Back to the draft", type="button", on_click=act("endPreview"), class_name="af-notice-act")
    bar = rx.el.div(rx.el.span("Comparison"), *marks, back, class_name="af-preview-bar", role="status")
    return rx.cond(preview, bar)
