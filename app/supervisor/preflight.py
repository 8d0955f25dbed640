"""Checks made before anything starts, so that a busy port or a full disk is one clear message and not a traceback."""

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import redis

from app.supervisor.problems import CannotStartError

MIN_FREE_BYTES = 200 * 1024 * 1024


def check_data_dir(data_dir: Path) -> None:
    """Create the data directory and prove that it takes a file; it holds secrets, so others may not enter."""
    probe = data_dir / ".write-probe"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise CannotStartError(
            f"The data directory {data_dir} cannot be written: {error.strerror or error}.",
            remedy="Give yourself write access to it, or choose another: AF_DATA_DIR=/some/path make run",
        ) from error


def check_disk(path: Path, *, needed: int = MIN_FREE_BYTES) -> None:
    """Refuse to start on a disk that is about to fill up; SQLite and Valkey both lose writes there."""
    free = shutil.disk_usage(path).free
    if free < needed:
        raise CannotStartError(
            f"Only {free // 2**20} MB are free on the disk of {path}; at least {needed // 2**20} MB are needed.",
            remedy="Free some space, or choose another disk: AF_DATA_DIR=/some/path make run",
        )


def check_port(host: str, port: int) -> None:
    """Bind once and let go; the web process binds again in a moment."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStartError(_port_problem(host, port, error), remedy=_port_remedy(port, error)) from error


def _port_problem(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is already in use by another program."
    return f"Port {port} on {host} cannot be opened: {error.strerror or error}."


def _port_remedy(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Stop that program, or choose another port: AF_PORT={_free_port(port)} make run"
    return "Choose another port above 1023: AF_PORT=8400 make run"


def _free_port(busy: int) -> int:
    """A round one that nobody listens on."""
    for port in range(busy + 100 if busy < 60_000 else 8500, 65_000, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    return 8400


def check_redis(url: str) -> None:
    """Ask an outside server once; its password is never shown."""
    place = urlsplit(url)._replace(query="").geturl() if url.startswith("unix:") else (urlsplit(url).netloc.rpartition("@")[2] or url)
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotStartError(
            f"Redis at {place} does not answer ({type(error).__name__}).",
            remedy="Check REDIS_URL and its password, or leave it out to use the embedded server.",
        ) from error


@contextmanager
def only_instance(data_dir: Path, *, port: int, address: str) -> Generator[None]:
    """Hold the data directory for this process; a second `agent-factory up` on it is told who has it and where to open it."""
    path = data_dir / "up.lock"
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder, _, opened_at = handle.read().strip().partition(" ")
            raise CannotStartError(
                f"Agent Factory is already running on {data_dir} (process {holder or 'unknown'}).",
                remedy=f"Open {opened_at or 'that one'}, stop it with Ctrl-C, or run a second one beside it: "
                f"AF_DATA_DIR={data_dir.name}-2 AF_PORT={_free_port(port)} make run",
            ) from error
        handle.truncate(0)
        handle.write(f"{os.getpid()} {address}")
        handle.flush()
        yield
