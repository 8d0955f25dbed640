"""Blueprints: the readable form, loss-free both ways, and errors with line and column."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blueprint.bundle import Bundle, BundleTest, Metadata, slug_of
from engine.blueprint.codec import decode, encode
from engine.blueprint.manifest import Manifest, manifest_of
from engine.blueprint.secrets import PLACEHOLDER, without_secrets
from engine.blueprint.yaml_text import read_yaml, write_yaml
from engine.errors import SpecError
from engine.nodes.registry import KINDS
from engine.spec.agent import AgentLimits, AgentSpec
from engine.spec.workflow import EdgeSpec, ErrorPolicy, NodeSpec, Position, Retry, RunLimits, WorkflowSpec

TRICKY = [
    *("no", "on", "22:22", "2026-01-01", "1e3", ".5", "0x1f", "007", "1_0", "<<", "=", "~", "null", "- a", "a: b", "# x", " lead"),
    "trail ",
    "a\n",
    "a\n\n",
    "\n\n a",
    "a\n  b",
    "tab\tx",
    "a\r\nb",
    "\x85",
    "\u2028",
    "'",
    '"',
    "|",
    "%",
    "@",
    "!x",
    "&a",
    "*a",
    "---",
    *("a\n---\nb", "😀 ü", "x" * 200, "word " * 60, "", "\x07"),
]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30) | st.sampled_from(TRICKY)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True) | st.sampled_from(["no", "null", "true", "on", "e1"])
coordinates = (st.floats(-1e7, 1e7) | st.integers(-5000, 5000)).map(lambda value: value + 0.0)  # not -0.0
names = texts.filter(lambda text: len(text) <= 40)
sizes = st.none() | st.floats(40, 20_000)
agents = st.builds(
    AgentSpec,
    name=names,
    role=names,
    instructions=texts,
    model=names,
    fallback_models=st.lists(texts, max_size=2).map(tuple),
    temperature=st.floats(0, 2),
    limits=st.builds(AgentLimits, max_steps=st.integers(1, 50), timeout_s=st.floats(1, 3600)),
    tools=st.lists(texts, max_size=3).map(tuple),
    output_schema=st.none() | st.dictionaries(texts, values, max_size=2),
)
nodes = st.builds(
    NodeSpec,
    id=ids,
    kind=names,
    label=names,
    config=st.dictionaries(texts, values, max_size=3),
    parent=st.none() | ids,
    join=st.sampled_from(["all", "any"]) | st.integers(1, 10_000),
    retry=st.builds(Retry, attempts=st.integers(1, 10), delay_s=st.floats(0, 3600)),
    on_error=st.builds(ErrorPolicy, action=st.sampled_from(["fail", "branch", "default"]), default=values),
    timeout_s=st.none() | st.floats(0.001, 86_400),
    position=st.builds(Position, x=coordinates, y=coordinates, width=sizes, height=sizes),
)
edges = st.builds(EdgeSpec, source=ids, port=ids | st.just("out"), target=ids)
workflows = st.builds(
    WorkflowSpec,
    name=names,
    description=texts,
    nodes=st.lists(nodes, max_size=4, unique_by=lambda node: node.id).map(tuple),
    edges=st.lists(edges, max_size=4).map(tuple),
    limits=st.builds(RunLimits, max_parallel=st.integers(1, 1000), timeout_s=st.floats(0.1, 1000)),
)
tests = st.builds(BundleTest, name=names.filter(bool), workflow=ids, inputs=st.dictionaries(texts, values, max_size=2), expect=values)
bundles = st.builds(
    Bundle,
    metadata=st.builds(Metadata, name=names.filter(bool), version=st.sampled_from(["1.0.0", "0.2.10-beta.1"]), description=texts),
    agents=st.dictionaries(ids, agents, max_size=2),
    workflows=st.dictionaries(ids, workflows, max_size=2),
    tests=st.lists(tests, max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(bundles)
def test_a_bundle_survives_the_way_there_and_back(bundle: Bundle) -> None:
    text = encode(bundle, KINDS)
    again = decode(text)
    assert again == bundle
    assert again.model_dump_json() == bundle.model_dump_json()  # the order of fields and nodes too
    assert encode(again, KINDS) == text


@settings(max_examples=300, deadline=None)
@given(values)
def test_every_json_value_survives_as_yaml(value: Any) -> None:
    read = read_yaml(write_yaml(value)).value
    assert repr(read) == repr(value)


TRIAGE = Bundle(
    metadata=Metadata(name="Question triage", version="1.2.0", description="Sorts questions."),
    agents={"classifier": AgentSpec(name="Classifier", instructions="You sort questions.\nAnswer briefly.\n", tools=("calculator",))},
    workflows={
        "triage": WorkflowSpec(
            name="Question triage",
            nodes=(
                NodeSpec(id="start", kind="start", label="Start", position=Position(x=80, y=160)),
                NodeSpec(id="urgent", kind="condition", config={"cases": [{"id": "yes", "condition": "inputs.n > 1"}]}),
                NodeSpec(id="call", kind="http", config={"url": "https://API.example.com:8443/x?q={{ inputs.q }}", "credential": "crm"}),
                NodeSpec(id="other", kind="http", config={"url": "https://{{ inputs.host }}/x"}, retry=Retry(attempts=3)),
            ),
            edges=(EdgeSpec(source="start", target="urgent"), EdgeSpec(source="urgent", port="yes", target="call")),
        )
    },
    tests=(BundleTest(name="A refund", workflow="triage", inputs={"q": "Where is my money?"}),),
)


TRIAGE_TEXT = """apiVersion: agentfactory/v1
kind: Bundle
metadata:
  name: Question triage
  version: 1.2.0
  description: Sorts questions.
permissions:
  models: [demo/assistant]
  tools: [calculator]
  hosts: ['*', 'api.example.com:8443']
  credentials: [crm]
  runs_code: false
agents:
  classifier:
    name: Classifier
    instructions: |
      You sort questions.
      Answer briefly.
    tools:
    - calculator
    model: demo/assistant
workflows:
  triage:
    name: Question triage
    nodes:
      start:
        kind: start
        label: Start
        position: [80, 160]
      urgent:
        kind: condition
        config:
          cases:
          - id: 'yes'
            condition: inputs.n > 1
      call:
        kind: http
        config:
          url: https://API.example.com:8443/x?q={{ inputs.q }}
          credential: crm
      other:
        kind: http
        config:
          url: https://{{ inputs.host }}/x
        retry:
          attempts: 3
    edges:
    - start -> urgent
    - urgent.yes -> call
tests:
- name: A refund
  workflow: triage
  inputs:
    q: Where is my money?
"""


def test_the_text_is_what_a_person_would_write() -> None:
    assert encode(TRIAGE, KINDS) == TRIAGE_TEXT


def test_the_manifest_says_what_the_bundle_can_do() -> None:
    assert manifest_of(TRIAGE, KINDS) == Manifest(
        models=("demo/assistant",), tools=("calculator",), hosts=("*", "api.example.com:8443"), credentials=("crm",)
    )


GOOD = """apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Test, version: 1.0.0}
workflows:
  w:
    nodes:
      start: {kind: start}
      b:
        kind: template
        position: [1, 2]
    edges:
    - start -> b
"""


@pytest.mark.parametrize(
    ("old", "new", "part", "line"),
    [
        ("agentfactory/v1", "agentfactory/v9", "Update the product", 1),
        ("kind: Bundle", "kind: Bunlde", "Write 'kind: Bundle'", 2),
        ("version: 1.0.0", "version: one", "'version'", 3),
        ("version: 1.0.0", "verison: 1.0.0", "no field 'verison'", 3),
        ("workflows:", "workflow:", "Did you mean 'workflows'?", 4),
        ("  w:\n", "  W!:\n", "small letters", 5),
        ("{kind: start}", "7", "must have fields", 7),
        ("{kind: start}", "{knid: start}", "no field 'knid'", 7),
        ("      b:", "      B b:", "small letters", 8),
        ("[1, 2]", "[1]", "'position: [120, 80]'", 10),
        ("[1, 2]", "[1, x]", "a number", 10),
        ("kind: template", "kind: template\n        retry: {attempts: 99}", "at most 10", 10),
        ("- start -> b", "- start b", "Write it as 'a -> b'", 12),
        ("- start -> b", "- start -> b\n    - {a: b}", "Write it as 'a -> b'", 13),
        ("    edges:", "    edgse:", "no field 'edgse'", 11),
        ("kind: Bundle", "kind: Bundle\ntests: [{name: x}]", "'workflow' is missing", 3),
    ],
)
def test_a_wrong_blueprint_says_where(old: str, new: str, part: str, line: int | None) -> None:
    assert decode(GOOD)
    with pytest.raises(SpecError) as caught:
        decode(GOOD.replace(old, new))
    assert any(part in str(finding) and finding.line == line for finding in caught.value.findings)


def test_all_faults_of_a_blueprint_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        decode(GOOD.replace("start: {kind: start}", "start: {kind: start, join: 0}").replace("version: 1.0.0", "version: x") + "extra: 1\n")
    assert len(caught.value.findings) >= 3


BILLION = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(f"k{i}: &k{i} {{<<: [{','.join(['*a'] * 50)}]}}\n" for i in range(200))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: !!python/object/apply:os.system ['touch /tmp/hacked']", "Tags are not allowed"),
        ("!!python/name:os.system x", "Tags are not allowed"),
        ("a: !!binary aGk=", "Tags are not allowed"),
        ("a: !!set {x, y}", "Tags are not allowed"),
        ("a: !custom x", "Tags are not allowed"),
        ("a: ! x", "Tags are not allowed"),
        (BILLION, "Anchors"),
        (MERGES, "Anchors"),
        ("a: &a [*a]", "Anchors"),
        ("a: *b", "References"),
        ("<<: {a: 1}", "Merge keys"),
        ("[" * 5000, "nested deeper than 30"),
        ("{a: " * 5000, "nested deeper than 30"),
        ("- " * 5000 + "x", "nested deeper than 30"),
        ("a: 1\nb: 2\na: 3", "stands here twice"),
        ("a: " + "9" * 5000, "64 bits"),
        ("a: -99999999999999999999", "64 bits"),
        ("a: 1e999", "too large"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("%YAML 1.1\n---\na: 1", "Directives"),
        ("%TAG ! tag:x,2000:\n---\na: 1", "Directives"),
        ("a: b\nc: d\x00e", "(U+0000). (line 2, column 5) Delete it there"),
        ('a: "\\0"', "NUL"),
        ('a: "\\ud800"', ""),
        ("a: \ud800", "not UTF-8"),
        (b"\xff\xfea: 1", "not UTF-8"),
        ("? [a]\n: b", "key must be a text"),
        ("? {a: b}\n: c", "key must be a text"),
        ("? \n: x", "Empty keys"),
        (": x", "not YAML"),
        ("a: 'unclosed", "not YAML"),
        ("a:\n\t- b", "not YAML"),
        ("a: [1, 2", "not YAML"),
        ("a: @x", "not YAML"),
        ("", "empty"),
        ("# only a comment", "empty"),
        ("x" * (8 * 2**20 + 1), "8 MiB"),
        ("- 1\n" * 600_000, "500,000 values"),
        ("just text", "A blueprint consists of named sections"),
        ("- a", "A blueprint consists of named sections"),
        ("a: 1", "apiVersion"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_hostile_yaml_is_one_clear_error(text: str | bytes, part: str) -> None:
    with pytest.raises(SpecError) as caught:
        decode(text)
    assert len(caught.value.findings) == 1
    assert part in str(caught.value.findings[0])


def test_words_that_other_readers_change_stay_texts() -> None:
    text = "a: no\nb: 22:22\nc: 2026-01-01\nd: 2026-02-31\ne: on\nf: 0o17\ng: 1_000\nh: 0x1f\ni: .inf\nj: '1'\nk: yes"
    assert read_yaml(text).value == {
        "a": "no", "b": "22:22", "c": "2026-01-01", "d": "2026-02-31", "e": "on", "f": "0o17",
        "g": "1_000", "h": "0x1f", "i": ".inf", "j": "1", "k": "yes",
    }  # fmt: skip


def test_reading_runs_nothing(tmp_path: Any) -> None:
    mark = tmp_path / "mark"
    path = f"!!python/object/apply:pathlib.Path ['{mark}']"
    with pytest.raises(SpecError):
        decode(f"apiVersion: agentfactory/v1\nkind: Bundle\nx: !!python/object/apply:pathlib.Path.touch [{path}]")
    assert not mark.exists()


def test_ten_thousand_nodes_go_there_and_back() -> None:
    config = {"text": "Dear {{ inputs.name }},\nthank you.\n"}
    many = tuple(
        NodeSpec(id=f"n{i}", kind="template", label=f"Step {i}", config=config, position=Position(x=i, y=1)) for i in range(10_000)
    )
    ways = tuple(EdgeSpec(source=f"n{i}", target=f"n{i + 1}") for i in range(9_999))
    bundle = Bundle(metadata=Metadata(name="Big"), workflows={"big": WorkflowSpec(nodes=many, edges=ways)})
    assert decode(encode(bundle, KINDS)) == bundle


def test_two_nodes_of_one_id_cannot_be_exported() -> None:
    twins = WorkflowSpec(nodes=(NodeSpec(id="a", kind="end"), NodeSpec(id="a", kind="end")))
    with pytest.raises(SpecError, match="Two steps are called 'a'"):
        encode(Bundle(metadata=Metadata(name="x"), workflows={"w": twins}), KINDS)


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnop1234567890",
        "sk-ant-api03-abcdefghijklmnop1234567890",
        "sk_live_abcdefghijklmnop",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "xoxb-1234567890-abcdef",
        "AKIAABCDEFGHIJKLMNOP",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
        "https://user:hunter2@example.com/x",
        "Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_a_key_in_any_text_never_leaves(secret: str) -> None:
    node = NodeSpec(id="a", kind="template", config={"text": f"Use {secret} now"})
    agent = AgentSpec(instructions=f"The key is {secret}.")
    bundle = Bundle(metadata=Metadata(name="x"), agents={"b": agent}, workflows={"w": WorkflowSpec(nodes=(node,))})
    clean, places = without_secrets(bundle)
    assert places == ["agents.b.instructions", "workflows.w.nodes.a.config.text"]
    text = encode(clean, KINDS)
    assert PLACEHOLDER in text
    assert not any(part in text for part in (secret, "hunter2", "MIIabc", secret[10:]))


def test_literal_header_values_that_carry_keys_are_removed_and_references_kept() -> None:
    headers = {"X-Api-Key": "short", "Accept": "text/plain", "Authorization": "{{ inputs.token }}"}
    node = NodeSpec(id="a", kind="http", config={"headers": headers, "url": "https://example.com"})
    clean, places = without_secrets(Bundle(metadata=Metadata(name="x"), workflows={"w": WorkflowSpec(nodes=(node,))}))
    assert clean.workflows["w"].nodes[0].config["headers"] == headers | {"X-Api-Key": PLACEHOLDER}
    assert places == ["workflows.w.nodes.a.config.headers.X-Api-Key"]


def test_a_bundle_without_keys_is_left_as_it_is() -> None:
    assert without_secrets(TRIAGE) == (TRIAGE, [])


def test_slugs_are_readable_and_free() -> None:
    assert slug_of("Customer triage (v2)") == "customer_triage_v2"
    assert slug_of("Ä 3D!", ()) == "x_3d"
    assert slug_of("a", ("a", "a_2")) == "a_3"
    assert slug_of("") == "x"


@pytest.mark.parametrize("bait", ["-----BEGIN PRIVATE KEY-----", "-eyJaaaaaaaaaa", "sk-a-", "Bearer ", "://a"])
def test_a_long_text_that_only_begins_like_secrets_is_searched_once(bait: str) -> None:
    config = {"text": bait * (400_000 // len(bait))}
    workflow = WorkflowSpec(nodes=(NodeSpec(id="start", kind="start"), NodeSpec(id="one", kind="template", config=config)))
    cleaned, places = without_secrets(Bundle(metadata=Metadata(name="x"), workflows={"one": workflow}))
    assert bool(places) == ("BEGIN" in bait)
    assert cleaned.workflows.keys() == {"one"}


def test_a_private_key_goes_from_its_first_line_to_its_last() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----"
    config = {"text": f"one {key} two {key} three -----BEGIN PRIVATE KEY-----\nMII"}
    workflow = WorkflowSpec(nodes=(NodeSpec(id="start", kind="start"), NodeSpec(id="one", kind="template", config=config)))
    cleaned, _ = without_secrets(Bundle(metadata=Metadata(name="x"), workflows={"one": workflow}))
    assert cleaned.workflows["one"].nodes[1].config["text"] == f"one {PLACEHOLDER} two {PLACEHOLDER} three {PLACEHOLDER}"
