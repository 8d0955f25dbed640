"""Builds the production interface with Reflex, only when something that goes into it changed. Called by `up` and `build`."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.supervisor.problems import CannotStartError

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("pages", "components", "app", "engine", "models", "assets", "rxconfig.py", "uv.lock")
PACKAGE_LOCK = "reflex.lock"  # the build itself writes it when a component brings a new package
CODE_SUFFIXES = (".py", ".js", ".jsx", ".ts", ".tsx", ".css", ".svg", ".png", ".ico", ".json", ".woff2", ".lock")
STAMP = Path(".web") / "agent-factory.built"
RESULT = Path(".web") / "build" / "client" / "index.html"
STAGES = {
    "Installing": "installing interface packages",
    "Compiling": "compiling pages",
    "Creating Production Build": "bundling for the browser",
}


def fingerprint(root: Path) -> str:
    """Hash every file the built interface can depend on; modification times do not count."""
    return f"{_hash(root, SOURCES)} {_hash(root, (PACKAGE_LOCK,))}"


def _hash(root: Path, names: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for path in _files(root, names):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(root: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        top = root / name
        found = [top] if top.is_file() else sorted(top.rglob("*"))
        yield from (path for path in found if path.suffix in CODE_SUFFIXES and path.is_file() and "external" not in path.parts)


def is_built(root: Path, wanted: str) -> bool:
    """Tell whether the interface on disk was built from exactly these sources."""
    stamp = root / STAMP
    return (root / RESULT).is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == wanted


@contextmanager
def only_builder(root: Path) -> Generator[None]:
    """Let one process at a time look at and change the build; a second start waits for the first one's result."""
    (root / STAMP).parent.mkdir(exist_ok=True)
    with (root / STAMP).with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def forget(root: Path) -> None:
    """Make the next `is_built` say no."""
    (root / STAMP).unlink(missing_ok=True)


def build(root: Path, *, log_path: Path, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """Run Reflex's export into .web and stamp it; `tell` receives each stage. All output goes to `log_path`."""
    sources = _hash(root, SOURCES)
    forget(root)
    log_path.parent.mkdir(parents=True, exist_ok=True)
    env = build_environment(environment)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    with log_path.open("wb") as log, _unchanged_lock(root / PACKAGE_LOCK):
        process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603 - fixed command
        try:
            _follow(process, log.write, tell)
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode != 0 or not (root / RESULT).is_file():
        raise CannotStartError(
            f"The interface could not be built. Its last words: {_last_words(log_path)}",
            remedy=f"Read {log_path}. Without network the very first build cannot fetch its packages from the npm registry.",
        )
    (root / STAMP).write_text(f"{sources} {_hash(root, (PACKAGE_LOCK,))}", encoding="utf-8")


@contextmanager
def _unchanged_lock(folder: Path) -> Generator[None]:
    """npm and Reflex write the lock anew with other key orders; when it says the same as before, keep the bytes of before."""
    before = {path: path.read_bytes() for path in folder.glob("*.json")}
    yield
    for path, content in before.items():
        if path.exists() and path.read_bytes() != content and json.loads(path.read_bytes()) == json.loads(content):
            path.write_bytes(content)


def _follow(process: "subprocess.Popen[bytes]", write: Callable[[bytes], int], tell: Callable[[str], None]) -> None:
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        write(line)
        text = line.decode(errors="replace")
        stage = next((label for marker, label in STAGES.items() if marker in text), told)
        if stage != told:
            told = stage
            tell(stage)
    process.wait()


def build_environment(base: Mapping[str, str]) -> dict[str, str]:
    """Node from this virtual environment, npm instead of bun, no telemetry, no look for newer versions."""
    scripts = sysconfig.get_path("scripts")
    node = shutil.which("node", path=scripts)
    if node is None:
        raise CannotStartError(
            "Node.js is missing from the virtual environment.",
            remedy="Install the locked dependencies again: make install",
        )
    env = dict(base)
    env["PATH"] = f"{scripts}{os.pathsep}{base.get('PATH', os.defpath)}"
    env.update(REFLEX_USE_NPM="1", REFLEX_TELEMETRY_ENABLED="false", REFLEX_CHECK_LATEST_VERSION="false")
    env.update(NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED="true")  # the lock fits every registry; the hashes stay
    env.setdefault("REFLEX_DIR", str(ROOT / ".web" / "reflex"))  # or Reflex writes into the home directory
    env.setdefault("NPM_CONFIG_REGISTRY", _registry(env))
    return env


def _registry(env: Mapping[str, str]) -> str:
    """Ask npm once, so that a company registry in .npmrc is honoured and Reflex does not probe mirrors."""
    npm = shutil.which("npm", path=env["PATH"]) or "npm"
    answer = subprocess.run([npm, "config", "get", "registry"], env=dict(env), capture_output=True, text=True, check=False)  # noqa: S603
    return answer.stdout.strip() or "https://registry.npmjs.org/"


def _last_words(path: Path, lines: int = 6) -> str:
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r", "\n")
    return "\n  ".join(["", *[line for line in text.splitlines() if line.strip()][-lines:]])
