"""The installation's secrets: from the settings, or outside production from a file of the data folder that holds the ring of keys.

The first secret seals; those after it open what they sealed before. `agent-factory vault rotate` changes the file.
"""

import os
import secrets
import tempfile
from pathlib import Path

from app.core.config import Settings


def read_secret_keys(settings: Settings) -> tuple[str, ...]:
    """The present secret, then earlier ones. Without a configured one, a file (mode 0600) keeps one that was made here."""
    if settings.secret_key:
        return (settings.secret_key, *settings.old_secret_keys)
    path = key_file(settings)
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _write_once(path, secrets.token_urlsafe(48))
    return (*path.read_text(encoding="utf-8").split(), *settings.old_secret_keys)


def key_file(settings: Settings) -> Path:
    """Where the ring is kept when no variable gives it."""
    return settings.data_dir / "secret.key"


def add_secret_key(settings: Settings) -> None:
    """Put a new secret in front of the file's ring; every process reads it when it meets something sealed with it."""
    _replace(key_file(settings), (secrets.token_urlsafe(48), *read_secret_keys(settings)))


def drop_old_secret_keys(settings: Settings) -> None:
    """Leave the file's present secret alone on the ring."""
    _replace(key_file(settings), read_secret_keys(settings)[:1])


def _write_once(path: Path, text: str) -> None:
    """Several processes may start at once: the file appears whole, and whoever comes second reads the first one's."""
    name = _written(path, text)
    try:
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        name.unlink()


def _replace(path: Path, ring: tuple[str, ...]) -> None:
    _written(path, "\n".join(ring) + "\n").replace(path)


def _written(path: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
