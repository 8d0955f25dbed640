"""User code in the sandbox: what it returns, how its mistakes are told, and that no payload gets past its limits."""

import asyncio
import builtins
from collections.abc import AsyncIterator

import psutil
import pytest

from app.adapters.code_monty import MontyCodeRunner
from engine.errors import LimitExceeded, NodeFailed, Permanent
from engine.graph.code_names import SANDBOX_MODULES, SANDBOX_NAMES

ORDER = {"order": {"total": 40, "items": ["a", "b"]}, "not a name": 1, "class": 2}


@pytest.fixture
async def runner() -> AsyncIterator[MontyCodeRunner]:
    made = MontyCodeRunner(processes=2)
    yield made
    await made.aclose()


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("order['total'] + 2", 42),
        ("return order['total']", 40),
        ("result = len(order['items'])", 2),
        ("x = 5", None),
        ("", None),
        ("# nothing but a comment", None),
        ("if order['total'] > 10:\n    return 'big'\nelse:\n    return 'small'", "big"),
        ("order['total'] = 1\norder['total']", 1),
        ("total = 0\nfor n in [1, 2, 3]:\n    total += n\ntotal", 6),
        ("inputs['not a name'] + inputs['class']", 3),
        ("'''two\n  lines'''", "two\n  lines"),
        ("text = f'''{order['total']}\n end'''\ntext", "40\n end"),
        ("x = 'ü'; x + 'ö'", "üö"),
        ("(1,\n 2)", [1, 2]),
        ("{'a', }", ["a"]),
        ("import datetime\ndatetime.date(2026, 3, 1)", "2026-03-01"),
        ("{1: (2, 3), None: {4}}", {"1": [2, 3], "None": [4]}),
        ("def twice(n):\n    return n * 2\ntwice(4)", 8),
        ("import json, re, math\njson.loads('[1]') + [math.floor(2.5), re.sub('a', 'b', 'a')]", [1, 2, "b"]),
        ("first\r\n= 3\r\nfirst".replace("first\r\n=", "first ="), 3),
    ],
)
async def test_the_value_is_the_return_the_last_expression_or_result(runner: MontyCodeRunner, source: str, value: object) -> None:
    assert (await runner.run(source, ORDER)).value == value


async def test_what_code_prints_is_kept_up_to_a_cap(runner: MontyCodeRunner) -> None:
    assert (await runner.run("print('hello')\nprint(1, 2)", {})).printed == "hello\n1 2\n"
    flood = await runner.run("for i in range(100000):\n    print('spam')\n'done'", {})
    assert flood.value == "done"
    assert len(flood.printed) < 21_000
    assert flood.printed.endswith("(more was printed)")


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("x = 1\ny = x / 0", 2, 5, "division by zero"),
        ("x = 1\nx / 0", 2, 1, "division by zero"),
        ("'a'; 1 / 0", 1, 6, "division by zero"),
        ("def f(n):\n    return n['key']\nf({})", 2, 12, "no key 'key'"),
        ("x = (1,\n", 1, 5, "does not understand"),
        ("a = 1\nif a\n    b = 2", 2, 5, "does not understand"),
        ("pirce * 2", 1, 1, "Name 'pirce' is not defined"),
        ("import numpy", 1, 1, "No module named 'numpy'"),
        ("open('/etc/passwd').read()", 1, 1, "no access to files"),
        ("import time\ntime.sleep(5)", 2, 1, "Delay step"),
        ("def g():\n    yield 1\ng()", 2, 5, "does not support yield"),
        ("raise NotImplementedError('later')", 1, 7, "NotImplementedError .*: later"),
        ("x = 1\nraise SystemExit", 2, 7, "stopped itself with SystemExit .*return a value"),
        ("raise KeyboardInterrupt('enough')", 1, 7, "stopped itself with KeyboardInterrupt .*It said: enough"),
        ("raise BaseException('odd')", 1, 7, "BaseException .*: odd"),
        ("x = 1\nraise SystemExit(1)", 2, 7, "An exception can carry one text"),
        ("def check(n):\n    raise ValueError('bad', n)\ncheck(3)", 2, 11, "An exception can carry one text"),
    ],
)
async def test_a_mistake_is_told_with_its_line_and_column(runner: MontyCodeRunner, source: str, line: int, column: int, words: str) -> None:
    with pytest.raises(Permanent, match=words) as caught:
        await runner.run(source, ORDER)
    assert caught.value.code == "code_error"
    assert caught.value.field == "code"
    assert caught.value.details == {"line": line, "column": column}
    assert f"(line {line}, column {column})" in caught.value.message


@pytest.mark.parametrize(
    "source", ["raise OSError(1)", "x = ValueError\nraise x(3)", "raise KeyError(key=1)", "raise", "raise 5", "sys.exit(1)"]
)
async def test_no_mistake_is_told_in_the_words_of_the_sandbox(runner: MontyCodeRunner, source: str) -> None:
    with pytest.raises(Permanent) as caught:
        await runner.run(source, {})
    assert "monty" not in caught.value.message.lower()


@pytest.mark.parametrize("source", ["object", "print", "lambda: 1", "class A:\n    x = 1\nA()", "float('nan')", "float('inf')", "10**5000"])
async def test_a_value_that_is_not_json_is_refused_in_plain_words(runner: MontyCodeRunner, source: str) -> None:
    with pytest.raises(Permanent) as caught:
        await runner.run(source, {})
    assert "__af" not in caught.value.message


PAYLOADS = [
    "__import__('os')",
    "import os\nos.environ['HOME']",
    "import os\nos.getenv('HOME')",
    "open('/etc/passwd').read()",
    "with open('/tmp/x', 'w') as f:\n    f.write('x')",
    "breakpoint()",
    "import socket",
    "import subprocess",
    "''.__class__.__mro__[1].__subclasses__()",
    "(lambda: 0).__code__",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "'{0.__class__.__init__.__globals__}'.format(order)",
    "9**(9**9)",
    "9**999999",
    "1 << 10**9",
    "'a' * 2 * 10**9",
    "[0] * 10**9",
    "'%2000000000s' % 1",
    "'%*s' % (10**9, '')",
    "f'{1:>2000000000}'",
    "'a'.center(10**9)",
    "'a'.ljust(10**9)",
    "'a'.zfill(10**9)",
    "''.join(['a' * 1000] * 100000)",
    "[[[[1] * 10000] * 10000] * 10000]",
    "def f():\n    return f()\nf()",
    "a = []\nfor i in range(100000):\n    a = [a]\na",
    "a = []\na.append(a)\na",
    "raise ValueError([[[1] * 10000] * 10000])",
    "global isinstance\nisinstance = lambda a, b: True\n[[[[1] * 10000] * 10000] * 10000]",
    "try:\n    'x' * 10**10\nexcept BaseException:\n    pass\nwhile True:\n    pass",
    "print('x' * 10**9)",
    "'x' * 6_000_000",
    "-" * 90_000 + "1",
    "(" * 5_000 + ")" * 5_000,
    "+".join(["1"] * 40_000),
    "x" * 200_000,
]


@pytest.mark.parametrize("source", PAYLOADS, ids=range(len(PAYLOADS)))
async def test_a_hostile_payload_ends_in_a_typed_error_quickly(runner: MontyCodeRunner, source: str) -> None:
    await runner.run("1", {})
    memory = psutil.Process().memory_info().rss
    with pytest.raises(NodeFailed) as caught:
        await runner.run(source, ORDER, timeout_s=0.3)
    assert psutil.Process().memory_info().rss - memory < 64_000_000
    assert isinstance(caught.value, LimitExceeded | Permanent)
    assert not caught.value.retryable
    assert len(caught.value.message) < 800
    assert (await runner.run("1 + 1", {})).value == 2


async def test_nested_loops_stop_at_the_time_limit(runner: MontyCodeRunner) -> None:
    with pytest.raises(LimitExceeded, match=r"longer than 0\.2 seconds") as caught:
        await runner.run("n = 0\nfor a in range(99999):\n    for b in range(99999):\n        n += 1\nn", {}, timeout_s=0.2)
    assert caught.value.code == "code_time_limit"


async def test_a_regular_expression_cannot_hang(runner: MontyCodeRunner) -> None:
    assert (await runner.run("import re\nre.match('(a+)+$', 'a' * 40 + 'b') is None", {}, timeout_s=1)).value is True


async def test_one_run_leaves_nothing_for_the_next(runner: MontyCodeRunner) -> None:
    await runner.run("global secret\nsecret = 'from another workspace'\nsecret", {})
    for _ in range(3):
        with pytest.raises(Permanent, match="not defined"):
            await runner.run("secret", {})


async def test_cancelling_frees_the_sandbox_process(runner: MontyCodeRunner) -> None:
    spinning = [asyncio.create_task(runner.run("while True:\n    pass", {}, timeout_s=30)) for _ in range(4)]
    _, running = await asyncio.wait(spinning, timeout=0.2)
    assert len(running) == 4
    for task in spinning:
        task.cancel()
    assert all(isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*spinning, return_exceptions=True))
    async with asyncio.timeout(5):
        assert (await runner.run("2", {})).value == 2


async def test_the_event_loop_stays_free_while_code_runs(runner: MontyCodeRunner) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    heart = asyncio.create_task(beat())
    await runner.run("sum([n * n for n in range(200000)])", {})
    heart.cancel()
    assert beats > 100


async def test_input_that_refers_to_itself_is_refused(runner: MontyCodeRunner) -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(Permanent, match="inputs"):
        await runner.run("1", {"loop": loop})


async def test_the_sandbox_has_exactly_the_names_that_the_checker_knows(runner: MontyCodeRunner) -> None:
    names = sorted(name for name in {*dir(builtins), *SANDBOX_NAMES} if not name.startswith("_"))
    lines = [f"try:\n    {name}\n    there.append('{name}')\nexcept NameError:\n    pass" for name in names if name.isidentifier()]
    found = await runner.run("there = []\n" + "\n".join(line for line in lines if not _is_constant(line)) + "\nthere", {})
    assert set(found.value) == SANDBOX_NAMES - {"True", "False", "None"}  # type: ignore[arg-type]


def _is_constant(line: str) -> bool:
    return any(f" {constant}\n" in line for constant in ("True", "False", "None"))


async def test_every_module_that_the_checker_offers_can_be_imported(runner: MontyCodeRunner) -> None:
    assert (await runner.run("\n".join(f"import {name}" for name in sorted(SANDBOX_MODULES)) + "\n1", {})).value == 1
