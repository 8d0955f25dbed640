"""Browser modules that stand beside the Python module using them: linked into the built interface, named by the path imports use.

Like the import path of `rx.asset(name, shared=True)`, without its walk over the whole call stack: 60 ms a file at every start.
"""

import sys
import uuid
from pathlib import Path

from reflex.constants import Dirs


def script(module: str, name: str) -> str:
    """Link `name`, a file beside the Python module, and return its import path; FileNotFoundError if there is none."""
    source = Path(str(sys.modules[module].__file__)).with_name(name).resolve(strict=True)
    place = f"{Dirs.EXTERNAL_APP_ASSETS}/{module.replace('.', '/')}/{name}"
    _link(Path.cwd() / Dirs.APP_ASSETS / place, source)
    return f"$/public/{place}"


def _link(target: Path, source: Path) -> None:
    """Point the target at the source; several processes may do so at once, and a watcher sees no change where nothing changes."""
    if target.is_symlink() and target.readlink() == source:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f".{uuid.uuid4().hex}.tmp")
    made.symlink_to(source)
    made.replace(target)
