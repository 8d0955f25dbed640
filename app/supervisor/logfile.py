"""A child's log file: capped in size, and never the reason that a child blocks, not even on a full disk."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

KEEP_BYTES = 20 * 1024 * 1024


class LogFile:
    """Appends lines; past KEEP_BYTES the file becomes `<name>.1.log`. A failing disk is told once and lines are dropped."""

    def __init__(self, path: Path, *, tell: Callable[[str], None]) -> None:
        self.path = path
        self._tell = tell
        self._file: BinaryIO | None = None
        self._failed = False

    def write(self, line: bytes) -> None:
        """Append one line, or drop it when the disk refuses."""
        try:
            self._open().write(line)
            self._failed = False
        except OSError as error:
            if not self._failed:
                self._tell(f"{self.path} cannot be written ({error.strerror}); log lines are dropped until it can.")
            self._failed = True

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        if self._file is not None and self._file.tell() > KEEP_BYTES:
            self.close()
            self.path.replace(self.path.with_suffix(".1.log"))
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab", buffering=0)
        return self._file
