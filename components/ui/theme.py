"""What app.app and rxconfig hand to Reflex: stylesheets, document head, toaster, and the Radix theme under our tokens."""

from typing import Any

import reflex as rx

STYLESHEETS = (
    "/styles/tokens.css",
    "/styles/base.css",
    "/styles/controls.css",
    "/styles/surfaces.css",
    "/styles/shell.css",
    "/styles/forms.css",
    "/styles/agents.css",
    "/styles/chat.css",
    "/styles/runs.css",
    "/styles/values.css",
    "/styles/trace.css",
    "/styles/inspector.css",
    "/styles/triggers.css",
    "/styles/webhooks.css",
    "/styles/tests.css",
    "/styles/market.css",
    "/styles/settings.css",
)

# Sets the colour mode before the first paint, as Reflex's provider does it later.
_EARLY_MODE = """(function(){try{var t=localStorage.getItem("theme")||"system";
if(t==="system")t=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light";
document.documentElement.classList.add(t);document.documentElement.style.colorScheme=t}catch(e){}})()"""


_RADIX = "@radix-ui/themes"
_RADIX_COLOURS = ("gray", "sand", "teal", "red", "amber", "green", "blue")


class SlimRadixPlugin(rx.plugins.RadixThemesPlugin):
    """Radix Themes with the colour scales we use instead of all thirty: a quarter less style sheet on every first visit."""

    def get_stylesheet_paths(self, **_context: Any) -> tuple[str, ...]:
        """Reflex asks for what the root style sheet imports."""
        colours = tuple(f"{_RADIX}/tokens/colors/{name}.css" for name in _RADIX_COLOURS)
        return (f"{_RADIX}/tokens/base.css", *colours, f"{_RADIX}/components.css", f"{_RADIX}/utilities.css")


def radix_plugin() -> SlimRadixPlugin:
    """Radix Themes for overlays, menus and tabs."""
    return SlimRadixPlugin(theme=rx.theme(accent_color="teal", gray_color="sand", radius="medium", panel_background="solid"))


def head_components() -> list[rx.Component]:
    """Fonts, icons and the early colour mode."""
    return [
        rx.el.link(rel="preload", href="/fonts/inter-latin.woff2", custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": ""}),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.meta(name="theme-color", content="#faf8f5"),
        rx.el.script(_EARLY_MODE),
    ]


def toaster() -> rx.Component:
    """Where toasts appear."""
    return rx.toast.provider(position="top-center", offset="8px", rich_colors=False, expand=False, close_button=True, visible_toasts=4)
