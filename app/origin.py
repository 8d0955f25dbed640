"""A Reflex plugin that lets one built interface serve every host and port; rxconfig.py lists it.

Reflex bakes the absolute address of the backend into the bundle. Here both come from one port, so after the build
the baked address is replaced by the origin the page was loaded from, before the files are compressed.
"""

import re
from pathlib import Path
from typing import Any

from reflex_base.plugins import Plugin

PLACEHOLDER = "http://agent-factory.invalid"
_BAKED = re.compile(r"""(["'`])(?:http|ws)://agent-factory\.invalid([^"'`]*)\1""")


class SameOriginPlugin(Plugin):
    """Rewrites the baked backend address in the finished bundle."""

    def post_build(self, **context: Any) -> None:
        """Reflex calls this after bundling; fails loudly when a new Reflex bakes the address in another way."""
        static_dir: Path = context["static_dir"]
        if not sum(_rewrite(path) for path in static_dir.rglob("*.js")):
            raise RuntimeError("The built interface holds no backend address to replace; app/origin.py no longer fits this Reflex.")


def _rewrite(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    changed, count = _BAKED.subn(r'(globalThis.location.origin+"\2")', text)
    if count:
        path.write_text(changed, encoding="utf-8")
    return count
