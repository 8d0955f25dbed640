"""Everything the checker finds, each with its node, field, place and remedy."""

from itertools import pairwise

import pytest

from engine.errors import Finding
from engine.graph.checker import check, errors_of
from engine.nodes.registry import KINDS
from engine.spec.agent import AgentSpec
from engine.spec.workflow import EdgeSpec, WorkflowSpec
from tests.engine.graphs import AGENTS, TEST_KINDS, codes, decide, findings, node, start, workflow

REPORT = {"type": "object", "properties": {"title": {"type": "string"}, "points": {"type": "array", "items": {"type": "string"}}}}


def _only(found: list[Finding]) -> Finding:
    assert len(found) == 1, [str(finding) for finding in found]
    return found[0]


def test_a_sound_workflow_has_no_findings() -> None:
    nodes = [
        start(topic="text", n="number"),
        node("research", text="About {{ inputs.topic }}", schema=REPORT),
        decide("enough"),
        node("more", text="{{ research.title }}"),
        node("finish", "end", output="{{ research.points }} {{ more.text | default: '' }}"),
    ]
    assert findings(nodes, "start -> research -> enough", "enough.yes -> finish", "enough.otherwise -> more -> finish") == []


def test_an_empty_workflow_needs_a_start() -> None:
    finding = _only(findings([]))
    assert finding.code == "no_start"
    assert "Add a Start step" in finding.remedy


def test_nodes_that_are_wrong_by_themselves() -> None:
    nodes = [start(), node("a", "agnet"), node("b", amount=12, txt="x"), node("inputs"), node("b")]
    assert codes(nodes, "start -> a -> b -> inputs") == [
        "unknown_kind@a.kind",
        "invalid_value@b.amount",
        "unknown_field@b.txt",
        "duplicate_node@b.id",
        "reserved_id@inputs.id",
    ]
    messages = " ".join(str(finding) for finding in findings(nodes, "start -> a -> b -> inputs"))
    assert "'amount' must be at most 9" in messages
    assert "Did you mean 'text'?" in messages


def test_an_input_that_a_bare_start_does_not_ask_for_is_a_hint() -> None:
    found = _only(
        findings([start(), node("a", text="{{ inputs.topic }}"), node("b", text="{{ inputs.more | default: '' }}")], "start -> a -> b")
    )
    assert (found.code, found.severity, found.node) == ("undeclared_input", "warning", "a")
    assert found.remedy == "Add the field 'topic' to the start."


def test_edges_that_lead_nowhere_name_the_closest_node_and_port() -> None:
    nodes = [start(n="number"), decide("check"), node("reply"), node("memo", "drawing"), node("done", "end")]
    found = findings(
        nodes,
        "start -> check",
        "check.yes -> reply -> done",
        "check.yse -> done",
        "reply -> dnoe",
        "done -> reply",
        "reply.error -> done",
        "reply -> memo",
    )
    remedies = {finding.message: finding.remedy for finding in found}
    assert remedies == {
        "“Condition” has no way out called 'yse'.": "Did you mean 'yes'?",
        "The connection reply.out->dnoe names 'dnoe', which does not exist.": "Did you mean 'done'?",
        "“step” has no way out called 'error'.": "Let the step go on at its error port under 'If it fails', or remove the connection.",
        "The connection reply.out->memo leads to a note.": "Remove the connection.",
        "Nothing can follow “End”: it ends the path.": "Remove the connection.",
    }


def test_a_circle_is_named_from_end_to_end() -> None:
    nodes = [start(), *[node(name) for name in "abcd"]]
    finding = next(item for item in findings(nodes, "start -> a -> b -> c -> a", "c -> d") if item.code == "cycle")
    told = finding.message.replace("'", "")
    assert any(circle in told for circle in ("a -> b -> c -> a", "b -> c -> a -> b", "c -> a -> b -> c"))
    assert "container" in finding.remedy


def test_a_node_that_leads_to_itself_is_a_circle() -> None:
    assert codes([start(), node("a")], "start -> a -> a") == ["cycle@a"]


def test_starts_are_counted_and_kept_outside() -> None:
    nodes = [start(), node("again", "start"), node("each", "each"), node("inner", "start", "each")]
    assert codes(nodes, "start -> each", "again -> each") == ["several_starts@again", "start_inside@inner"]
    assert codes([start(), node("a")], "start -> a -> start")[0] == "edge_into_start@start"


def test_what_never_runs_is_told() -> None:
    nodes = [start(), node("a"), node("island"), node("shore")]
    assert codes(nodes, "start -> a", "island -> shore") == ["unreachable@island", "unreachable@shore"]


def test_what_a_broken_connection_makes_unreachable_is_told_by_that_connection_alone() -> None:
    assert codes([start(), node("a"), node("b")], "start -> gone -> a -> b") == ["dangling_edge@start", "dangling_edge@a"]


def test_containers_keep_their_borders() -> None:
    nodes = [
        start(),
        node("each", "each"),
        node("inner", parent="each"),
        node("hollow", "each"),
        node("lost", parent="nowhere"),
        node("a"),
        node("b", parent="a"),
    ]
    found = findings(nodes, "start -> each -> hollow -> a", "start -> inner", "inner -> a")
    assert [finding.code for finding in found] == [
        "crossing_edge",
        "crossing_edge",
        "empty_container",
        "unknown_container",
        "unreachable",
        "not_a_container",
        "unreachable",
    ]


def test_containers_that_hold_each_other_are_told_once() -> None:
    nodes = [start(), node("x", "each", "y"), node("y", "each", "x"), node("z", parent="x")]
    assert "nested_in_itself" in " ".join(codes(nodes, "start -> x"))


def test_a_join_that_waits_for_more_than_comes_never_runs() -> None:
    nodes = [start(), node("a"), node("b", join=3)]
    assert codes(nodes, "start -> a -> b", "start -> b") == ["bad_join@b.join"]


def test_branches_that_end_in_nothing_are_warned_about() -> None:
    nodes = [start(n="number"), decide("check", "yes", "no"), node("a", on_error={"action": "branch"})]
    found = findings(nodes, "start -> check", "check.yes -> a")
    assert [(finding.field, finding.severity) for finding in found] == [("ports.no", "warning"), ("ports.error", "warning")]


def _references(text: str, *extra: str) -> list[Finding]:
    nodes = [
        start(topic="text", rows="list", n="number"),
        node("research", schema=REPORT),
        node("side", schema=REPORT),
        node("each", "each", items="{{ inputs.rows }}"),
        node("inner", parent="each", text="{{ item }}"),
        node("write", text=text),
    ]
    return findings(nodes, "start -> research -> each -> write", "start -> side", *extra)


@pytest.mark.parametrize(
    "text",
    [
        "{{ research.title }} {{ research.points[0] }} {{ research.points.first }} {{ research.points.size }} {{ research.title.size }}",
        "{{ inputs.topic }} {{ each | size }} {{ now | date }}",
        "{% for point in research.points %}{{ point | upcase }}{% endfor %}",
        "{{ inputs.n | plus: 1 }} {{ research.points | join: ', ' }}",
        "{% if inputs.n > 3 and inputs.topic == 'x' %}{{ research | json }}{% endif %}",
        "{% assign t = research.title %}{{ t }} {{ t.size }}",
    ],
)
def test_good_references_are_left_alone(text: str) -> None:
    assert _references(text) == []


@pytest.mark.parametrize(
    ("text", "code", "message", "remedy"),
    [
        ("{{ reserch.title }}", "unknown_reference", "nothing called 'reserch'", "Did you mean 'research'?"),
        ("{{ research.titel }}", "unknown_field", "'research' has no field 'titel'", "Did you mean 'title'?"),
        ("{{ inputs.tpoic }}", "unknown_field", "'inputs' has no field 'tpoic'", "Did you mean 'topic'?"),
        ("{{ research.title.text }}", "unknown_field", "'research.title' is a text, so it has no 'text'", "Use 'research.title' itself."),
        ("{{ side.title }}", "not_upstream", "'side' does not run before 'write'", "Connect 'side'"),
        ("{{ inner }}", "not_upstream", "'inner' is inside “each”", "{{ each }}"),
        ("{{ write }}", "not_upstream", "cannot use its own result", "before it"),
        ("{{ item }}", "unknown_reference", "no 'item' here", "inside a container"),
        ("{{ vars.total }}", "unknown_reference", "sets the variable 'total'", "Set it"),
        ("{{ inputs.n | join }}", "type_mismatch", "'inputs.n' is a number, but a list is needed", "Make it a list"),
        ("{% for x in inputs.topic %}{% endfor %}", "type_mismatch", "'inputs.topic' is a text, but a list", "split"),
        ("{% if inputs.topic > 3 %}{% endif %}", "type_mismatch", "'inputs.topic' is a text, but a number", "| number"),
        ("{% for p in research.points %}{{ p.name }}{% endfor %}", "unknown_field", "'research.points[*]' is a text", ""),
        ("{{ research.title | upcas }}", "template_error", "Unknown filter 'upcas'", "Did you mean 'upcase'?"),
        ("{{ research.title", "template_error", "Expected '}}'", "Close"),
    ],
)
def test_a_bad_reference_says_what_and_where(text: str, code: str, message: str, remedy: str) -> None:
    finding = _only(_references("line one\n  " + text))
    assert (finding.code, finding.node, finding.field, finding.line) == (code, "write", "text", 2)
    assert finding.column
    assert finding.column >= 3
    assert message in finding.message
    assert remedy in finding.remedy


def test_a_finding_calls_a_step_by_its_name_and_by_its_id_where_names_are_equal() -> None:
    labels = {"use": "Write it", "one": "Look up", "two": "Same", "three": "Same"}
    text = {"use": "{{ one }} {{ two }}"}
    nodes = [start(), *(node(name, text=text.get(name, "")).model_copy(update={"label": label}) for name, label in labels.items())]
    found = findings(nodes, "start -> use", "start -> one", "start -> two", "start -> three")
    assert [finding.message for finding in found] == ["“Look up” does not run before “Write it”.", "'two' does not run before “Write it”."]


@pytest.mark.parametrize("text", ["{{ later.title }}", "{% if later.title == 'x' %}{% endif %}"])
@pytest.mark.parametrize("parent", [None, "each"])
def test_a_step_that_comes_later_is_not_to_be_connected_backwards(text: str, parent: str | None) -> None:
    first = [node("each", "each", items="{{ inputs.rows }}"), node("use", parent="each", text=text)] if parent else [node("use", text=text)]
    nodes = [start(rows="list"), *first, node("between"), node("later", schema=REPORT)]
    finding = _only(findings(nodes, f"start -> {parent or 'use'} -> between -> later"))
    assert (finding.code, finding.node) == ("not_upstream", "use")
    assert "'later' comes later than 'use'" in finding.message
    assert "step that follows 'later'" in finding.remedy
    assert "Connect" not in finding.remedy


def test_texts_inside_values_are_checked_with_their_path() -> None:
    nodes = [start(topic="text"), node("a", value={"rows": [{"name": "{{ inputs.topci }}"}]})]
    assert codes(nodes, "start -> a") == ["unknown_field@a.value.rows.0.name"]


def test_an_empty_or_wrong_condition_is_told() -> None:
    nodes = [start(n="number", topic="text"), decide("check", "yes", "no", condition=""), decide("other", condition="inputs.n = 1")]
    found = codes(nodes, "start -> check", "check.yes -> other", "check.no -> other")
    assert found == [
        "missing_value@check.cases.0.condition",
        "missing_value@check.cases.1.condition",
        "dead_port@other.ports.yes",
        "condition_error@other.cases.0.condition",
    ]


@pytest.mark.parametrize(
    ("cases", "told"),
    [([{"condition": "1 > 0"}], ("cases.0.id", "'id' is missing.")), ([], ("cases", "'cases' needs at least 1 entry."))],
)
def test_a_list_is_too_short_only_if_entries_are_missing(cases: list[dict[str, str]], told: tuple[str, str]) -> None:
    spec = workflow([start(), node("a", "condition", cases=cases)], "start -> a")
    assert [(one.field, one.message) for one in check(spec, kinds=KINDS) if one.code in ("missing_value", "invalid_value")] == [told]


def test_inside_a_container_item_and_the_outside_are_seen() -> None:
    nodes = [
        start(rows="list"),
        node("before", schema=REPORT),
        node("each", "each", items="{{ before.points }}", output="{{ inner.title }} {{ item }} {{ before.title }}"),
        node("inner", parent="each", text="{{ item | upcase }} {{ index }} {{ before.title }} {{ inputs.rows }}", schema=REPORT),
        node("last", parent="each", text="{{ inner.title }} {{ item.name }} {{ each }}"),
    ]
    assert codes(nodes, "start -> before -> each", "inner -> last") == ["unknown_field@last.text", "not_upstream@last.text"]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("{{ inputs.topic }}", "type_mismatch@each.items"),
        ("just words", "type_mismatch@each.items"),
        (7, "type_mismatch@each.items"),
        ("{{ inputs.rows }}", None),
        ([1, 2], None),
        ("{{ inputs.topic | split: ',' }}", None),
    ],
)
def test_a_container_goes_over_lists_only(items: object, expected: str | None) -> None:
    nodes = [start(topic="text", rows="list"), node("each", "each", items=items), node("inner", parent="each")]
    assert codes(nodes, "start -> each") == ([expected] if expected else [])


def test_names_of_agents_models_and_tools_are_compared_with_what_exists() -> None:
    nodes = [start(), node("a", agent="helpr", model="demo/asistant", tools=["calculatr", "web"]), node("b", agent="", model="")]
    found = findings(nodes, "start -> a -> b", models=["demo/assistant"], tools=["calculator", "web"])
    assert [(finding.code, finding.node, finding.remedy.split("?")[0]) for finding in found] == [
        ("unknown_agent", "a", "Did you mean 'helper'"),
        ("unknown_model", "a", "Did you mean 'demo/assistant'"),
        ("unknown_tool", "a", "Did you mean 'calculator'"),
        ("missing_value", "b", "Choose 'helper', the only one there is."),
        ("missing_value", "b", "Choose 'demo/assistant', the only one there is."),
    ]


def test_an_agent_whose_model_is_gone_is_told_at_the_node() -> None:
    assert codes([start(), node("a", model="other/model")], "start -> a", models=["other/model"]) == ["unknown_model@a.agent"]


def test_variables_count_only_when_they_are_set_before() -> None:
    nodes = [
        start(n="number"),
        node("set", "vars", values={"total": "{{ inputs.n }}"}),
        node("a", text="{{ vars.total }} {{ vars.totl }}"),
        node("b", text="{{ vars.total }}"),
    ]
    assert codes(nodes, "start -> set -> a", "start -> b") == ["unknown_reference@a.text", "unknown_reference@b.text"]


def test_the_error_way_out_gives_the_error() -> None:
    nodes = [
        start(),
        node("call", on_error={"action": "branch"}, schema=REPORT),
        node("sorry", text="{{ call.message }} {{ call.nope }}"),
        node("ok", text="{{ call.title }}"),
    ]
    assert codes(nodes, "start -> call -> ok", "call.error -> sorry") == ["unknown_field@sorry.text"]


def test_findings_are_counted_when_there_are_too_many() -> None:
    nodes = [start(), *[node(f"n{index}", text="{{ nope }}") for index in range(3000)]]
    found = findings(nodes, *[f"start -> n{index}" for index in range(3000)])
    assert len(found) == 1001
    assert "2,000 more" in found[-1].message


def test_a_kind_registry_is_all_that_is_needed() -> None:
    spec = WorkflowSpec(nodes=(start(),), edges=(EdgeSpec(source="start", target="gone"),))
    assert [finding.code for finding in errors_of(check(spec, kinds=TEST_KINDS))] == ["dangling_edge"]


@pytest.mark.parametrize("shape", ["chain", "fan", "layered", "branchy"])
def test_ten_thousand_nodes_are_checked(shape: str) -> None:
    count = 9_990
    ids = [f"n{index}" for index in range(count)]
    ways: list[EdgeSpec] = [EdgeSpec(source="start", target=ids[0])]
    if shape == "chain":
        ways += [EdgeSpec(source=a, target=b) for a, b in pairwise(ids)]
    elif shape == "fan":
        ways = [EdgeSpec(source="start", target=name) for name in ids]
    elif shape == "layered":
        ways += [EdgeSpec(source=ids[max(0, i - jump)], target=ids[i]) for i in range(1, count) for jump in (1, 100, 333) if i >= jump]
    else:
        ways += [EdgeSpec(source=ids[i - 1 - i % 3 // 2], port="yes", target=ids[i]) for i in range(1, count)]
    nodes = [start(topic="text")]
    for index, name in enumerate(ids):
        text = f"Step {index}: {{{{ inputs.topic }}}} {{{{ start.topic | upcase }}}}"
        nodes.append(decide(name, condition=f"inputs.topic == 'x{index}'") if shape == "branchy" else node(name, text=text))
    spec = WorkflowSpec(nodes=tuple(nodes), edges=tuple(ways))
    found = check(spec, kinds=TEST_KINDS, agents=AGENTS)
    assert errors_of(found) == []


@pytest.mark.parametrize("broken", ["circle", "typos", "nested"])
def test_ten_thousand_broken_nodes_cost_no_more(broken: str) -> None:
    count = 9_990
    nodes = [
        start(),
        *[
            node(f"n{i}", "each", f"n{i - 1}" if broken == "nested" and i else None, items="{{ item }}", output="{{ vars.x }}")
            for i in range(count)
        ],
    ]
    ways = [EdgeSpec(source=f"n{i}", target=f"n{(i + 1) % count}") for i in range(count)] if broken == "circle" else []
    if broken == "typos":
        ways = [EdgeSpec(source=f"n{i}", target=f"m{i}") for i in range(count)]
        nodes = [start(), *[node(f"n{i}", text="{{ n" + str(i + 1) + ".x }} {{ nope }}", agent=f"a{i}") for i in range(count)]]
    found = check(WorkflowSpec(nodes=tuple(nodes), edges=tuple(ways)), kinds=TEST_KINDS, agents=AGENTS)
    assert found


def test_the_instructions_of_an_agent_are_checked_where_the_agent_is_used() -> None:
    agents = {"helper": AgentSpec(instructions="Help {{ inputs.customer }}."), "broken": AgentSpec(instructions="Help {{ ")}
    nodes = [start(topic="text"), node("a"), node("b", agent="broken")]
    found = check(workflow(nodes, "start -> a -> b"), kinds=TEST_KINDS, agents=agents)
    assert [(finding.code, finding.node, finding.field) for finding in found] == [
        ("unknown_field", "a", "agent"),
        ("template_error", "b", "agent"),
    ]


@pytest.mark.parametrize(
    ("result", "text", "expected"),
    [
        ("{{ inner.points }}", "{% for r in each.results %}{{ r[0] }}{% endfor %}", []),
        ("{{ inner }}", "{% for r in each.results %}{{ r.titel }}{% endfor %}", ["unknown_field@done.output"]),
        (None, "{{ each.results[0].titel }}", ["unknown_field@done.output"]),
        ("{{ inner.title }}!", "{{ each.results[0].anything }}", []),
        ("{{ each.results }}", "{{ each.results[0].anything }}", ["not_upstream@each.result"]),
    ],
)
def test_what_a_container_gives_back_is_known_from_its_body(result: str | None, text: str, expected: list[str]) -> None:
    nodes = [
        start(rows="list"),
        node("each", "map", items="{{ inputs.rows }}", result=result),
        node("inner", parent="each", schema=REPORT),
        node("done", "end", output=text),
    ]
    assert codes(nodes, "start -> each -> done") == expected
