"""What `agent-factory up` says to a person: steps, a box with the address, and only those child lines that need eyes."""

import json
import sys
import textwrap
import time
from typing import TextIO

from app.core.printing import clean

SAME_LINE_S = 30.0  # a line that repeats is shown again only after this long; the log file has every one
LOUD = {"warning", "error", "critical"}
COLOURS = {"web": "36", "worker": "35", "scheduler": "34"}


class Console:
    """Writes to one stream; colours only on a terminal."""

    def __init__(self, stream: TextIO | None = None, *, verbose: bool = False) -> None:
        self.stream = stream or sys.stdout
        self.verbose = verbose
        self.colour = self.stream.isatty()
        self._shown_at: dict[tuple[str, str], float] = {}

    def step(self, text: str) -> None:
        """One line of progress."""
        self._print(f"{self._paint('•', '32')} {clean(text)}")

    def warn(self, text: str) -> None:
        """One line that a person should read."""
        self._print(f"{self._paint('!', '33')} {clean(text)}")

    def refuse(self, problem: str, remedy: str) -> None:
        """Why nothing starts, and what to do."""
        self._print(f"\n{self._paint('Agent Factory cannot start.', '31;1')}\n{_wrap(clean(problem))}\n\n{_wrap(clean(remedy))}\n")

    def box(self, lines: list[str]) -> None:
        """A framed block."""
        lines = [clean(line) for line in lines]
        width = max(len(line) for line in lines)
        edge = "─" * (width + 4)
        body = [f"│  {line.ljust(width)}  │" for line in lines]
        self._print("\n".join(["", f"╭{edge}╮", *body, f"╰{edge}╯", ""]))

    def child_line(self, name: str, line: str) -> None:
        """Show a child's line when it is loud, or always when verbose; the log file has every line."""
        level, text = _parse(line)
        if text and (self.verbose or (level in LOUD and self._is_news(name, text))):
            prefix = self._paint(name.ljust(9), COLOURS.get(name.rstrip("-0123456789"), "37"))
            self._print(f"{prefix} │ {clean(text)}")

    def _is_news(self, name: str, text: str) -> bool:
        now = time.monotonic()
        self._shown_at = {key: at for key, at in self._shown_at.items() if now - at < SAME_LINE_S}
        return self._shown_at.setdefault((name, text), now) == now

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def _print(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()


def _parse(line: str) -> tuple[str, str]:
    """Level and readable text of a child's line; a line that is no log record (a traceback) is loud."""
    if not line.startswith("{"):
        return ("warning" if line.strip() else "debug"), line
    try:
        record = json.loads(line)
    except ValueError:
        return "warning", line
    level, event, error = (str(record.get(key, "")) for key in ("level", "event", "exception"))
    last = error.strip().splitlines()[-1:] if error else []
    return level, " ".join([level, event, *last])


def _wrap(text: str) -> str:
    """Lines of a hundred letters; folders and commands stay whole."""
    wrapper = textwrap.TextWrapper(100, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)
    return "\n".join(map(wrapper.fill, text.splitlines()))
