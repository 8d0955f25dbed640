"""Names that the Python of a code step uses and nothing defines are told before a run; what might exist never is."""

import pytest

from engine.errors import Finding
from engine.graph.checker import check
from engine.graph.code_names import find_undefined
from engine.nodes.registry import KINDS
from tests.engine.graphs import node, start, workflow


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("pirce * 2", [("pirce", 1, 1)]),
        ("x = 1\n'ü'; y = x + wnat", [("wnat", 2, 14)]),
        ("[row for row in rows]\nrow", [("row", 2, 1)]),
        ("sum(n for n in n)", [("n", 1, 16)]),
        ("def f(a, b=start):\n    return a + b + c\nf(1)", [("start", 1, 12), ("c", 2, 20)]),
        ("(lambda k: k + z)(1)", [("z", 1, 16)]),
        ("class A:\n    y = 1\n    def f(self):\n        return y", [("y", 4, 16)]),
        ("@dec\ndef f():\n    pass", [("dec", 1, 2)]),
        ("f'{a:>{b}}'", [("a", 1, 4), ("b", 1, 8)]),
        ("try:\n    a\nexcept ValueError:\n    b", [("a", 2, 5), ("b", 4, 5)]),
        ("print(a, a)", [("a", 1, 7)]),
    ],
)
def test_an_undefined_name_is_found_where_it_is_first_used(source: str, found: list[tuple[str, int, int]]) -> None:
    assert [(use.name, use.line, use.column) for use in find_undefined(source, frozenset({"rows"}))] == found


@pytest.mark.parametrize(
    "source",
    [
        "rows + inputs['rows']\nresult",
        "def f(a, /, b, *c, d=1, **e):\n    return a, b, c, d, e\nf(1, 2)",
        "async def f():\n    async for x in rows:\n        await x\nf()",
        "{k: v for k, v in rows if k if v}, {x for x in rows}, [y for x in rows for y in x]",
        "[(last := x) for x in rows]\nlast",
        "if (n := len(rows)) > 5:\n    n",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    str(error)",
        "match rows:\n    case {'a': z, **rest}:\n        z, rest\n    case [q, *w]:\n        q, w\n    case str() as t:\n        t",
        "def f():\n    global count\n    count = 1\nf()\ncount",
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += 1\n    g()\n    return x\nf()",
        "x = 1\ndel x",
        "import os.path, json as j\nfrom math import floor as down, ceil\nos, j, down, ceil",
        "from math import *\nfloor(2.5)",
        "with rows as (a, b), rows as c:\n    a, b, c",
        "first, *others = rows\nfirst, others",
        "for i, (a, b) in enumerate(rows):\n    a, b\nelse:\n    i",
        "class A(Exception):\n    y = 1\n    z = [y for _ in range(y)]\nA",
        "x: Missing = 1\ndef f(a: Missing) -> Missing:\n    return a\nf(x)",
        "def f():\n    return later\nlater = 2\nf()",
        "try:\n    missing\nexcept (NameError, KeyError):\n    1",
        "try:\n    missing\nexcept:\n    1",
        "f'{rows!r:>{len(rows)}}' f'''{rows\n}'''",
        "__name__",
        "x = 1 +",
        "a\0",
        "+".join(["1"] * 3000),
    ],
)
def test_what_is_or_may_be_defined_is_left_alone(source: str) -> None:
    assert find_undefined(source, frozenset({"rows"})) == ()


def told(source: str, **inputs: object) -> list[Finding]:
    """What is said of a code step behind `research`, with a form that asks for `topic`."""
    nodes = [start(topic="text"), node("research", "template", text="hello"), node("a", "code", source=source, inputs=inputs)]
    spec = workflow([*nodes, node("late", "template", text="{{ a }}")], "start -> research -> a -> late")
    return [one for one in check(spec, kinds=KINDS) if one.node == "a"]


@pytest.mark.parametrize(
    ("source", "message", "remedy", "fixes"),
    [
        ("pirce * 2", "Nothing is called 'pirce' in this code.", "Did you mean 'price'?", ["Change to “price”"]),
        ("pirce * price['pirce']", "Nothing is called 'pirce' in this code.", "Did you mean 'price'?", []),
        ("prnt(price)", "Nothing is called 'prnt' in this code.", "Did you mean 'print'?", ["Change to “print”"]),
        ("[price, null]", "Nothing is called 'null' in this code.", "Did you mean 'None'?", ["Change to “None”"]),
        ("json.dumps(price)", "Nothing is called 'json' in this code.", "Write 'import json' above.", []),
        ("super()", "The sandbox has no 'super'.", "Write it in another way.", []),
        ("xyzzy", "Nothing is called 'xyzzy' in this code.", "Define 'xyzzy' above, or add an input of this name.", []),
        ("late", "Nothing is called 'late' in this code.", "Define 'late' above, or add an input of this name.", []),
    ],
)
def test_a_finding_says_what_mends_it(source: str, message: str, remedy: str, fixes: list[str]) -> None:
    (found,) = told(source, price=2)
    assert (found.code, found.severity, found.field, found.line) == ("code_name", "error", "source", 1)
    assert (found.message, found.remedy, [fix.label for fix in found.fixes]) == (message, remedy, fixes)


@pytest.mark.parametrize(("name", "value"), [("research", "{{ research }}"), ("topic", "{{ inputs.topic }}"), ("today", "{{ today }}")])
def test_a_value_of_the_workflow_is_handed_in_with_one_click(name: str, value: str) -> None:
    (found,) = told(f"len({name})")
    assert found.remedy == f"Hand it in: add the input '{name}' with the value {value}."
    (edit,) = found.fixes[0].edits
    assert (edit.how, edit.path, edit.value) == ("set", f"inputs.{name}", value)
    assert told(f"len({name})", **{name: value}) == []


def test_a_step_with_many_wrong_names_tells_the_first_of_them() -> None:
    assert len(told("\n".join(f"name_{number}" for number in range(100)))) == 20
