"""A Reflex plugin that puts a still outline of the application into the page for every address without a page of its own in the build.

Such a page (a workflow, a run) is empty until its scripts have run. rxconfig.py lists the plugin; shell.css draws the outline and
takes it away as soon as there is something else to see.
"""

from pathlib import Path
from typing import Any

from reflex_base import constants
from reflex_base.plugins import Plugin

OUTLINE = (
    '<div id="af-opening"><div class="af-opening-side"><img src="/logo.svg" alt="" width="26" height="26"/>'
    '<span>Agent Factory</span></div><div class="af-opening-main" role="status"><span class="af-spinner" aria-hidden="true"></span>'
    "<span>Loading…</span><noscript>This page needs JavaScript. Please switch it on and load the page again.</noscript></div></div>"
)


class FirstPaintPlugin(Plugin):
    """Adds the outline at the end of the empty page, where React leaves it alone."""

    def post_build(self, **context: Any) -> None:
        """Reflex calls this after bundling and copies the page for unknown addresses afterwards."""
        static_dir: Path = context["static_dir"]
        path = static_dir / constants.ReactRouter.SPA_FALLBACK
        html, end, rest = path.read_text(encoding="utf-8").rpartition("</body>")
        if not end:
            raise RuntimeError("The page for other addresses has no body any more; app/first_paint.py no longer fits this Reflex.")
        path.write_text(f"{html}{OUTLINE}{end}{rest}", encoding="utf-8")
