"""The order of a start on one machine: checks, interface, Valkey, database, children; `up` and `dev` differ only in their plan."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from app.core.config import Settings, child_environment, embedded_redis_socket
from app.supervisor import frontend, preflight
from app.supervisor.child import ChildSpec
from app.supervisor.console import Console
from app.supervisor.problems import CannotStartError
from app.supervisor.supervisor import Supervisor
from app.supervisor.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[2]
BUILD_BYTES = 1024 * 1024 * 1024
INTERRUPTED = 130
REFUSED = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the children, and whether a built interface is needed first."""

    children: Sequence[ChildSpec]
    needs_interface: bool = True


def run_machine(settings: Settings, plan: Callable[[], Plan], *, console: Console) -> int:
    """Start, wait until ready, run until a signal, end everything; returns the exit code. `plan` is asked after the checks."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)  # until the supervisor takes over, SIGTERM unwinds like Ctrl-C
    preflight.check_data_dir(settings.data_dir)
    preflight.check_disk(settings.data_dir)
    with ExitStack() as stack:
        stack.enter_context(preflight.only_instance(settings.data_dir, port=settings.port, address=settings.public_url))
        preflight.check_port(settings.host, settings.port)
        try:
            supervisor = _prepare(settings, plan(), console=console, stack=stack)
            code = asyncio.run(supervisor.run(on_ready=lambda: console.box(_welcome(settings, time.monotonic() - began))))
        except KeyboardInterrupt:
            code = INTERRUPTED
    console.step(f"Stopped. Your data stays in {settings.data_dir}")
    return code


def _prepare(settings: Settings, plan: Plan, *, console: Console, stack: ExitStack) -> Supervisor:
    if plan.needs_interface:
        prepare_interface(settings, console=console)
    valkey = _start_valkey(settings, console) if settings.has_embedded_redis else None
    if valkey:
        stack.callback(valkey.stop)
    else:
        preflight.check_redis(settings.redis_url)
    _prepare_database(settings, console)
    return Supervisor(plan.children, address=(_local_host(settings), settings.port), valkey=valkey, console=console)


def prepare_interface(settings: Settings, *, console: Console) -> None:
    """Build the interface unless the one on disk fits the sources."""
    with frontend.only_builder(ROOT):
        if frontend.is_built(ROOT, frontend.fingerprint(ROOT)):
            return
        preflight.check_disk(ROOT, needed=BUILD_BYTES)
        console.step("Building the interface (the first time takes about a minute)")
        began = time.monotonic()
        log = settings.data_dir / "logs" / "build.log"
        frontend.build(ROOT, log_path=log, environment=child_environment(settings), tell=lambda stage: console.step(f"  {stage}"))
        console.step(f"Interface built in {time.monotonic() - began:.0f} s")


def command(*arguments: str) -> list[str]:
    """A command line of this very checkout and interpreter."""
    return [sys.executable, "-m", "app.cli", *arguments]


def child(settings: Settings, name: str, words: Sequence[str], *, tells_lives: bool = False, **environment: str) -> ChildSpec:
    """A child that logs JSON into the data directory; `environment` adds to what all of them have."""
    return ChildSpec(
        name=name,
        command=words,
        cwd=ROOT,
        environment=child_environment(settings) | {"AF_LOG_JSON": "1"} | environment,
        log_path=settings.data_dir / "logs" / f"{name}.log",
        tells_lives=tells_lives,
    )


def worker_child(settings: Settings, name: str, *options: str, index: int = 0) -> ChildSpec:
    """A worker that takes over at once what its dead predecessor held; its metrics port is the configured one plus `index`."""
    port = settings.worker_metrics_port + index if settings.worker_metrics_port else 0
    words = command("worker", "--supervised", *options)
    return child(settings, name, words, tells_lives=True, AF_WORKER_METRICS_PORT=str(port))


def job_children(settings: Settings) -> list[ChildSpec]:
    """The processes that run workflows: as many workers as the settings say, and the scheduler that rings them."""
    numbers = range(1, settings.workers + 1)
    names = ["worker"] if settings.workers == 1 else [f"worker-{number}" for number in numbers]
    workers = [worker_child(settings, name, index=index) for index, name in enumerate(names)]
    return [*workers, child(settings, "scheduler", command("scheduler", "--supervised"))] if workers else []


def _start_valkey(settings: Settings, console: Console) -> EmbeddedValkey:
    valkey = EmbeddedValkey(
        socket_path=embedded_redis_socket(settings.data_dir),
        directory=settings.data_dir / "valkey",
        log_path=settings.data_dir / "logs" / "valkey.log",
    )
    if valkey.start():
        console.step("The embedded Valkey server was still running; adopted it")
    return valkey


def _prepare_database(settings: Settings, console: Console) -> None:
    """Migrate and seed in a process of their own, so that the supervisor stays small."""
    done = subprocess.run(  # noqa: S603 - our own command
        command("prepare"), cwd=ROOT, env=child_environment(settings), capture_output=True, text=True, check=False
    )
    if done.returncode == REFUSED:
        sys.stderr.write(done.stderr)  # it has told the problem and the remedy itself
        raise SystemExit(REFUSED)
    if done.returncode != 0:
        log = settings.data_dir / "logs" / "prepare.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise CannotStartError(f"The database could not be prepared: {last}", remedy=f"{log} tells the whole story.")
    for line in done.stdout.splitlines():
        console.step(line)


def _local_host(settings: Settings) -> str:
    return "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - only compared


def _welcome(settings: Settings, seconds: float) -> list[str]:
    lines = [f"Agent Factory is ready ({seconds:.1f} s)", "", f"Open     {settings.public_url}"]
    if not settings.is_production:
        lines.append("Sign in  demo@agentfactory.local, no password: press “Use the demo account”")
    return [*lines, "", f"Logs     {settings.data_dir / 'logs'}", "Stop     Ctrl-C"]


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
