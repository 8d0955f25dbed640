"""The web process alone, without interface and workers: what the forged clients of tests/attacks talk to; starts in seconds."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.site import free_port
from tests.support.source import ROOT
from tests.support.waiting import until


@contextmanager
def backend(data_dir: Path, *, redis_url: str, api_only: bool = False, **settings: str) -> Generator[tuple[str, Path]]:
    """A migrated and seeded installation on SQLite; yields its address and its log. With `api_only` the routes alone, and no seed.

    More settings are given by their names in the environment.
    """
    port, log = free_port(), data_dir / "web.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AF_", "DATABASE_URL", "REDIS_URL"))}
    own = {"AF_PORT": str(port), "AF_DATA_DIR": str(data_dir), "REDIS_URL": redis_url, "OPENAI_API_KEY": "sk-canary-4f1d2c9e8b7a6055"}
    reflex = {"__REFLEX_SKIP_COMPILE": "true", "REFLEX_ENV_MODE": "prod"}
    environment = inherited | own | reflex | settings
    subprocess.run(
        [sys.executable, "-m", "app.cli", "migrate" if api_only else "prepare"], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    serve = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--factory",
        "--port",
        str(port),
        "app.api.server:build_api" if api_only else "app.app:app",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(serve, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or _answers(url), timeout_s=180, what="the web process")
        if process.poll() is not None:
            raise AssertionError(log.read_text(encoding="utf-8"))
        yield url, log
    finally:
        process.terminate()
        process.wait(60)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
