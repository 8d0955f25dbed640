"""Runs user Python in pydantic-monty's sandboxed worker processes (engine.ports.CodeRunner); code nodes and custom tools call it.

One small pool per event loop is opened at the first use, so a worker that forks before that is no concern. What the
code may do: pure computation on its inputs, with limits on time, memory, recursion and output. No files, network or modules of the host.
"""

import asyncio
import json
import os
from typing import Any

from pydantic_monty import (
    AsyncMonty,
    MontyConversionError,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
    ResourceLimits,
)

from app.adapters.code_program import MAX_OUTPUT, Program, build_program, is_name, odd_exception
from app.adapters.code_words import NO_SLEEP, NO_SYSTEM, ODD_EXCEPTION, at, plain_words
from engine.errors import LimitExceeded, NodeFailed, Permanent, Transient
from engine.json import JsonObject, JsonValue
from engine.ports import CodeResult

MAX_TIMEOUT_S = 60.0
MEMORY_BYTES = 64_000_000
RECURSION_DEPTH = 200
MAX_PRINTED = 20_000
WAIT_FOR_WORKER_S = 60.0


class _Printed:
    """Keeps the beginning of what was printed; the rest is dropped, so a chatty loop costs nothing."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MAX_PRINTED
        self._is_cut = False

    def __call__(self, stream: str, text: str) -> None:
        if self._left > 0:
            self._parts.append(text[: self._left])
        self._is_cut = self._is_cut or len(text) > self._left
        self._left -= min(len(text), self._left)

    def text(self) -> str:
        """What was kept, with a note if there was more."""
        return "".join(self._parts) + ("\n… (more was printed)" if self._is_cut else "")


def _refuse_host_calls(*, name: str, **_call: Any) -> Any:
    """Answers whatever the sandbox would ask of the system."""
    if "sleep" in name:
        raise PermissionError(NO_SLEEP)
    raise PermissionError(NO_SYSTEM)


class MontyCodeRunner:
    """A pool of sandbox processes; safe to share within one event loop."""

    def __init__(self, *, processes: int | None = None, memory_bytes: int = MEMORY_BYTES) -> None:
        self._processes = processes or max(2, min(8, os.cpu_count() or 2))
        self._memory_bytes = memory_bytes
        self._pool: AsyncMonty | None = None
        self._opening: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, source: str, inputs: JsonObject, *, timeout_s: float = 5.0) -> CodeResult:
        """Inputs are variables by name, and together the dict `inputs`. Raise Permanent `code_error` or LimitExceeded."""
        variables = {"inputs": inputs, **{name: value for name, value in inputs.items() if is_name(name)}}
        program = build_program(source, tuple(sorted(variables)))
        printed = _Printed()
        limits: ResourceLimits = {
            "max_feed_duration_secs": min(max(timeout_s, 0.01), MAX_TIMEOUT_S),
            "max_memory": self._memory_bytes,
            "max_recursion_depth": RECURSION_DEPTH,
        }
        pool = await self._open()
        try:
            async with pool.checkout(limits=limits, os_policy={"sleep": "call_host"}) as session:
                text = await session.feed_run(program.text, inputs=variables, print_callback=printed, os=_refuse_host_calls)
        except MontyError as error:
            raise _explain(error, program, source, timeout_s=timeout_s) from error
        except TimeoutError as error:
            raise Transient("code_busy", "All sandbox processes are busy. Try again in a moment.", delay_s=2.0) from error
        except (ValueError, RecursionError) as error:
            raise Permanent("code_error", "The inputs of the code are nested too deeply or refer to themselves.", field="inputs") from error
        return CodeResult(_read(text), printed.text())

    async def aclose(self) -> None:
        """End the sandbox processes; a later `run` starts new ones."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.__aexit__(None, None, None)

    async def _open(self) -> AsyncMonty:
        loop = asyncio.get_running_loop()
        if self._loop is not loop or self._opening is None:
            self._loop, self._opening, self._pool = loop, asyncio.Lock(), None
        async with self._opening:
            if self._pool is None:
                pool = AsyncMonty(max_processes=self._processes, checkout_timeout=WAIT_FOR_WORKER_S)
                self._pool = await pool.__aenter__()
            return self._pool


def _read(text: object) -> JsonValue:
    if not isinstance(text, str):
        raise Permanent("code_error", "The code replaced a part of the sandbox. Rename your variables.", field="code")
    if len(text) > MAX_OUTPUT:
        raise LimitExceeded("code_output_limit", f"The value is larger than {MAX_OUTPUT // 1_000_000} MB. Return less.", field="code")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise LimitExceeded("code_output_limit", "The value is nested too deeply. Return a flatter one.", field="code") from error


def _explain(error: MontyError, program: Program, source: str, *, timeout_s: float) -> NodeFailed:
    """The sandbox's error in plain words, with the person's line and column."""
    if isinstance(error, MontyConversionError):
        return Permanent("code_error", "An input of the code is not a JSON value.", field="inputs")
    kind, _, message = str(error)[:2000].partition(": ")
    where = odd_exception(source) if ODD_EXCEPTION in message else _place(error, program)
    details: dict[str, object] = {"line": where[0], "column": where[1]} if where else {}
    if limit := _limit(error, kind, message, timeout_s=timeout_s):
        return LimitExceeded(limit[0], limit[1] + at(where) + ".", field="code", details=details)
    return Permanent("code_error", plain_words(kind, message[:500], where), field="code", details=details)


def _limit(error: MontyError, kind: str, message: str, *, timeout_s: float) -> tuple[str, str] | None:
    """The code and words of a limit that was reached, or None."""
    if isinstance(error, MontyCrashedError):
        return "code_stopped", "The sandbox stopped the code, most likely because it used too much memory or time"
    if kind == "TimeoutError" and "time limit exceeded" in message:
        return "code_time_limit", f"The code ran longer than {timeout_s:g} seconds and was stopped"
    if kind == "MemoryError" and "memory limit exceeded" in message:
        return "code_memory_limit", "The code used more memory than allowed"
    if kind == "RecursionError":
        return "code_recursion_limit", "A function calls itself too often, or the value is nested too deeply"
    return None


def _place(error: MontyError, program: Program) -> tuple[int, int] | None:
    """The innermost position that lies in the person's own lines."""
    if not isinstance(error, MontyRuntimeError | MontySyntaxError):
        return None
    places = [program.place(frame.line, frame.column) for frame in error.traceback()]
    return next((place for place in reversed(places) if place), None)
