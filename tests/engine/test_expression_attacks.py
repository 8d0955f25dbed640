"""Hostile templates: every one is a typed error, quickly and in little memory, or harmless text."""

import time
import tracemalloc
from typing import Any

import pytest

from engine.errors import LimitExceeded, NodeFailed, Permanent
from engine.expressions.template import render_text, resolve_value
from engine.expressions.template import test_condition as holds


class Row:
    """Stands for a database row that slipped into a scope."""

    metadata = "meta"
    session = "session"
    secret = "secret"

    def method(self) -> str:
        return "called"


SCOPE: dict[str, Any] = {"x": "text", "o": Row(), "f": "f", "big": "a" * 1_000_000, "n": 9, "list": [1, 2, 3], "words": ["ab"] * 20_000}

EXPRESSIONS = [
    "''.__class__.__mro__[1].__subclasses__()",
    "x.__class__",
    "x['__class__']",
    "list.__class__.__base__",
    "cycler.__init__.__globals__.os",
    "lipsum.__globals__['os'].popen('id')",
    "'{0.__class__.__init__.__globals__}'.format(f)",
    "('{0.__class__}'|attr('format'))(f)",
    "x|attr('__class__')",
    "x['__cl'~'ass__']",
    "'\\x5f\\x5fclass\\x5f\\x5f' | attr: x",
    "[x]|map(attribute='__class__.__mro__')",
    "list | map: '__class__'",
    "'{x.secret}'.format_map(vars)",
    "(lambda:0).__code__",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "__import__('os')",
    "open('/etc/passwd')",
    "eval('1')",
    "breakpoint()",
    "o.metadata",
    "o.session",
    "o.secret",
    "o.method",
    "o | json",
    "o",
    "9**(9**9)",
    "9**999999",
    "1<<10**9",
    "'a'*2*10**9",
    "[0]*10**9",
    "'%2000000000s'%1",
    "'%*s'%(10**9,'')",
    "f'{1:>2000000000}'",
    "'a'.center(10**9)",
    "'a'.ljust(10**9)",
    "'a'.zfill(10**9)",
    "x | indent: 2000000000",
    "''.join(['a'*1000]*100000)",
    "lipsum(n=100000)",
    "re.match('(a+)+$', x)",
    "big | replace: 'a', big",
    "big | split: '' | join: big",
    "big | split: '' | size",
    "words | join: big",
    "big | append: big | append: big | append: big",
    "big | escape | escape | escape",
    "big | url_encode | url_encode | url_encode",
    "(1..99999999999) | size | times: 99999999999999999999999999",
    "(1..999999999) | reverse",
    "(1..999999999) | join: ','",
    "n | times: 1e308 | times: 1e308",
    "'9' | append: '999999999999999999999999999999999999999999' | number",
    "'1e999' | number",
    "'nan' | number",
    "'now' | date: '%1000000000d'",
    "'2026-01-01' | date: big",
    "'9999-12-31T23:59:59-10:00' | date",
    "1e300 | date",
    "big | from_json",
    "'[NaN]' | from_json",
    "'1e999' | from_json",
    "x | json: 1000000000",
    "x | truncate: 'a'",
    "'zz' | base64_decode",
    "'/w==' | base64_decode",
    "1.5 | slice: big",
    "x | slice: 99999999999999999999",
    "x | nope",
    "x.size.size",
    "list['a']",
    "list[list]",
    "[x]",
    "missing",
    "missing.a.b.c",
    "'" + "(" * 3000,
    "(" * 90 + "x" + ")" * 90,
    "(" * 3999,
    "x[" * 99 + "x",
    "x" * 4001,
    "x " + "| upcase " * 500 + "| nope",
]


def _attempt(action: Any) -> BaseException | None:
    try:
        action()
    except NodeFailed as error:
        return error
    return None


RUNAWAY = 20.0
"""CPU seconds. Refusals take a millisecond and an exhausted work budget some tenths; what escapes its budget takes minutes."""


def _measured(action: Any) -> tuple[BaseException | None, float, int]:
    """Time and memory are taken in two passes, because tracing memory slows everything down."""
    started = time.process_time()
    caught = _attempt(action)
    spent = time.process_time() - started
    tracemalloc.start()
    try:
        _attempt(action)
        return caught, spent, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _must_fail(action: Any) -> None:
    caught, spent, peak = _measured(action)
    assert isinstance(caught, Permanent | LimitExceeded)
    assert len(caught.message) < 1000
    assert spent < RUNAWAY
    assert peak < 16_000_000


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda text: text[:40])
def test_a_hostile_expression_is_a_quick_small_typed_error(expression: str) -> None:
    _must_fail(lambda: render_text("{{ " + expression + " }}", SCOPE, field="prompt"))
    _must_fail(lambda: resolve_value("{{ " + expression + " }}", SCOPE, field="value"))


@pytest.mark.parametrize(
    "condition",
    [
        "''.__class__ == 1",
        "9**9**9 > 1",
        "__import__('os')",
        "o.metadata == 'meta'",
        "x.__class__ > 1",
        "(" * 101 + "x",
        "((" * 40 + "x == '..'" + ")" * 80 + " oops",
        "x == " * 500,
        "x = 1",
        "1;2",
        "x == 'a' }} {{ x",
        "{% if x %}",
        "a" * 100_001,
    ],
    ids=lambda text: text[:30],
)
def test_a_hostile_condition_is_a_quick_small_typed_error(condition: str) -> None:
    _must_fail(lambda: holds(condition, SCOPE, field="when"))


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..99999) %}{% for j in (1..99999) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..999999999999) %}x{% endfor %}",
        "{% for i in (1..50000) %}" + "{{ i | plus: 1 }}" * 500 + "{% endfor %}",
        "{% assign a = 'aaaaaaaaaa' %}" + "{% assign a = a | append: a %}" * 60,
        "{% capture a %}aaaaaaaaaa{% endcapture %}" + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 40,
        "{% assign a = words | concat: words %}" + "{% assign a = a | concat: a %}" * 30,
        "{% assign a = 9 %}" + "{% assign a = a | times: a %}" * 60,
        "{% for i in words %}{{ big }}{% endfor %}",
        "{% for i in words %}{{ big | upcase | downcase }}{% endfor %}",
        "{% if x %}" * 31 + "{% endif %}" * 31,
        "{% for a in list %}" * 29 + "x" + "{% endfor %}" * 29,
        "{% include '/etc/passwd' %}",
        "{% render 'a' %}",
        "{% import 'os' %}",
        "{% extends 'a' %}",
        "{% liquid assign a = 1 %}",
        "{% tablerow x in list %}{% endtablerow %}",
        "{% if " + "not " * 900 + "missing.a > 1 %}{% endif %}",
        "{% if " + " and ".join(["x"] * 700) + " and missing > 1 %}{% endif %}",
        "{{ " * 5000,
        "{% raw %}" * 5000,
        "{% endraw %}" + "{% raw %}" * 5000,
        "{% doc %}" * 5000,
        "{{" + " " * 90_000 + "}}",
        "{% if" + " " * 90_000 + "%}",
        "{{ x" + " " * 90_000,
        "{{ x" + "\n-" * 40_000,
        "{% x " + "% " * 40_000,
        "{%-" + " -" * 40_000,
        "{% comment %}" * 5000,
        "{%" * 5000,
        "x" * 100_001,
        "a\x00{{ x }}",
        "{{ 'AA==' | base64_decode }}",
        "{{ '\ud800' | url_encode }}",
        "{% cycle %}",
        "{% for i in list %}{% cycle i, missing.x %}{% endfor %}{% continue %}",
    ],
    ids=lambda text: text[:40].encode("unicode_escape").decode(),
)
def test_a_hostile_template_is_a_quick_small_typed_error(source: str) -> None:
    _must_fail(lambda: render_text(source, SCOPE, field="prompt"))


@pytest.mark.parametrize(
    "source",
    [
        "{% case 1 %}{% when 1,1,1,1,1,1,1,1,1,1 %}" * 25 + "x" + "{% endcase %}" * 25,
        "{% if " + "not " * 900 + "x %}y{% endif %}",
        ("{% if" + " " * 70 + "x %}{% endif %}") * 1000,
        "{{ big | strip_html }}",
        "{{ '" + "<a " * 1000 + "' | strip_html }}",
        "{{ '" + "<script" * 500 + "' | strip_html }}",
    ],
    ids=lambda text: text[:40],
)
def test_what_looks_hostile_but_is_cheap_just_renders(source: str) -> None:
    caught, spent, peak = _measured(lambda: render_text(source, SCOPE, field="prompt"))
    assert caught is None
    assert spent < RUNAWAY
    assert peak < 16_000_000


PLACES = (
    "secrets",
    "credentials",
    "env",
    "environ",
    "os.environ",
    "settings",
    "config",
    "process.env",
    "vars",
    "self",
    "this",
    "globals",
    "ctx",
)
CANARY = "canary-2b90f4e1"


@pytest.mark.parametrize("place", PLACES)
def test_no_name_leads_to_a_secret_or_to_the_environment(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("CRM", CANARY)
    monkeypatch.setenv("AF_SECRET_KEY", CANARY)
    for name in ("CRM", "AF_SECRET_KEY", "secret_key", "crm.key"):
        for source in (f"[{{{{ {place}.{name} }}}}]", f"[{{{{ {place}['{name}'] }}}}]", f"[{{{{ {place} | json }}}}]"):
            try:
                shown = render_text(source, {"inputs": {"name": "Mia"}}, field="prompt")
            except NodeFailed as refused:
                shown = refused.message
            assert CANARY not in shown, source
            assert shown in ("[]", "[null]") or "[" not in shown, source
