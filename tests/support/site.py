"""A real installation for browser journeys and fault tests: `agent-factory up` on a free port with a data folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.support.source import ROOT
from tests.support.waiting import until

BUILD_AND_START_S = 600.0


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """Starts and stops the whole product; `output` is what a person would see on the console."""

    def __init__(self, data_dir: Path, *, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.console = data_dir.parent / f"{data_dir.name}-console.log"
        self.seconds_to_ready = 0.0
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AF_", "DATABASE_URL", "REDIS_URL"))}
        own = {"AF_PORT": str(self.port), "AF_DATA_DIR": str(data_dir)}
        self._environment = inherited | own | dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        if self._process is None:
            raise RuntimeError("the site was not started")
        return self._process.pid

    @property
    def output(self) -> str:
        """Everything written to the console so far."""
        return self.console.read_text(encoding="utf-8", errors="replace") if self.console.exists() else ""

    def start(self, *, wait: bool = True) -> "Site":
        """Run `up`; wait until /readyz is green."""
        began = time.monotonic()
        with self.console.open("ab") as console:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "up"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        if wait:
            until(self._is_ready_or_over, timeout_s=BUILD_AND_START_S, what="the site's readiness")
            self.seconds_to_ready = time.monotonic() - began
        return self

    def is_ready(self) -> bool:
        """Whether /readyz answers 200."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_for_exit(self, *, timeout_s: float = 60.0) -> int:
        """Wait until `up` is over; returns its exit code."""
        if self._process is None:
            raise RuntimeError("the site was not started")
        return self._process.wait(timeout_s)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send a signal as Ctrl-C would, and wait; returns the exit code."""
        if self._process is None or self._process.poll() is not None:
            return self._process.returncode if self._process else 0
        self._process.send_signal(number)
        try:
            return self.wait_for_exit()
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def _is_ready_or_over(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"the site ended instead of starting:\n{self.output}")
        return self.is_ready()
