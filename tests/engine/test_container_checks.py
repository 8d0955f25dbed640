"""What the checker says about containers, undo steps, steps that stop or leave others, locks and joins that cancel."""

import pytest

from engine.graph.variables import Names
from engine.nodes.registry import KINDS
from engine.spec.workflow import EdgeSpec
from tests.engine.graphs import codes, node, start, workflow

BOX = [start(n="number"), node("r", "region"), node("a", parent="r"), node("u", parent="r")]


def test_a_good_saga_is_left_alone() -> None:
    nodes = [*BOX, node("b", parent="r", text="{{ a }}"), node("z", text="{{ r }}")]
    assert codes(nodes, "start -> r -> z", "a -> b", "a.undo -> u") == []


def test_an_undo_step_sees_its_step_and_the_error() -> None:
    undo = node("u", parent="r", text="{{ a }} {{ error.message }}")
    assert codes([*BOX[:3], undo], "start -> r", "a.undo -> u") == []


def test_the_error_is_not_known_to_other_steps() -> None:
    nodes = [*BOX, node("b", parent="r", text="{{ error.code }}")]
    assert codes(nodes, "start -> r", "a.undo -> u", "a -> b") == ["unknown_reference@b.text"]


@pytest.mark.parametrize(
    "texts",
    [
        ("a.undo -> u", "a.undo -> b", "c -> b"),
        ("a.undo -> u", "b.undo -> u", "a -> c"),
        ("a.undo -> u", "b -> u"),
        ("a.undo -> u -> b",),
    ],
)
def test_an_undo_step_belongs_to_one_step_and_stands_alone(texts: tuple[str, ...]) -> None:
    nodes = [*BOX, node("b", parent="r"), node("c", parent="r")]
    assert "bad_undo" in {code.partition("@")[0] for code in codes(nodes, "start -> r", *texts)}


def test_undo_steps_exist_only_in_a_region() -> None:
    found = codes([start(), node("a"), node("u")], "start -> a", "a.undo -> u", "start -> u")
    assert found == ["unknown_port@a"]


def test_what_a_loop_gives_is_known_inside_it_only() -> None:
    loop = node("l", "loop", condition="loop.index > 3 and d.title == 'x'", result="{{ d }}")
    nodes = [start(), loop, node("d", parent="l", text="{{ loop.previous }} {{ loop.index }}"), node("z", text="{{ loop.index }}")]
    assert codes(nodes, "start -> l -> z") == ["unknown_reference@z.text"]
    assert codes([start(), loop, node("d", parent="l", text="{{ item }}")], "start -> l") == ["unknown_reference@d.text"]
    wrong = node("l", "loop", condition="loop.count > 3")
    assert codes([start(), wrong, node("d", parent="l")], "start -> l") == ["unknown_field@l.condition"]


def test_a_while_loop_asks_before_anything_inside_has_a_result() -> None:
    loop = node("l", "loop", mode="while", condition="d == 'go'")
    assert codes([start(), loop, node("d", parent="l")], "start -> l") == ["may_be_skipped@l.condition"]


def test_the_result_of_a_list_that_may_be_left_early_may_be_missing() -> None:
    each = node("m", "map", items="{{ inputs.rows }}", result="{{ b }}")
    nodes = [start(rows="list"), each, node("c", "condition", "m", cases=[{"id": "stop", "condition": "item == 3"}])]
    nodes += [node("out", "leave", "m"), node("b", parent="m")]
    assert "may_be_skipped@m.result" in codes(nodes, "start -> m", "c.otherwise -> b", "c.stop -> out")


def test_steps_for_lists_and_loops_stand_in_one() -> None:
    nodes = [start(), node("r", "region"), node("out", "leave", "r"), node("add", "add_entries", items=[1])]
    assert codes(nodes, "start -> r", "start -> add") == ["nothing_to_leave@out", "no_list@add"]
    inside = [start(), node("m", "map", items=[1]), node("r", "region", "m"), node("out", "leave", "r"), node("add", "add_entries", "r")]
    assert codes(inside, "start -> m") == []


def test_a_step_that_may_be_stopped_may_have_no_result() -> None:
    nodes = [start(), node("a"), node("b"), node("s", "stop", step_ids=["a"]), node("z", text="{{ a }}")]
    assert codes(nodes, "start -> a -> z", "start -> b -> s", "b -> z") == ["may_be_skipped@z.text"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (["a"], []),
        ([], ["missing_value@s.step_ids"]),
        (["gone"], ["unknown_node@s.step_ids"]),
        (["s"], ["bad_target@s.step_ids"]),
        (["b"], ["already_over@s.step_ids"]),
        (["inner"], ["bad_target@s.step_ids"]),
        (["m"], []),
    ],
)
def test_steps_to_stop_are_steps_that_can_be_stopped(named: list[str], expected: list[str]) -> None:
    nodes = [start(), node("a"), node("b"), node("m", "map", items=[1]), node("inner", parent="m"), node("s", "stop", step_ids=named)]
    assert codes(nodes, "start -> a", "start -> b -> s", "start -> m") == expected


def test_a_milestone_names_a_step_that_is_still_to_come() -> None:
    late = node("late", "milestone", step_id="a")
    assert codes([start(), node("a"), late], "start -> a", "start -> late") == ["dead_port@late.ports.open", "dead_port@late.ports.late"]


def test_locks_are_held_by_two_at_least_and_by_the_outermost() -> None:
    assert codes([start(), node("a", lock="till")], "start -> a") == ["lonely_lock@a.lock"]
    assert codes([start(), node("a", lock="till"), node("b", lock="till")], "start -> a", "start -> b") == []
    many = [start(), node("m", "map", items=[1, 2]), node("a", parent="m", lock="till")]
    assert codes(many, "start -> m") == []
    nested = [start(), node("m", "map", items=[1, 2], lock="till"), node("a", parent="m", lock="till")]
    assert codes(nested, "start -> m") == ["lock_inside_lock@a.lock"]


def test_a_join_that_stops_others_must_not_wait_for_all() -> None:
    nodes = [start(), node("a"), node("b"), node("z", others="cancel")]
    assert codes(nodes, "start -> a -> z", "start -> b -> z") == ["nothing_to_stop@z.others"]
    racing = [*nodes[:3], node("z", others="cancel", join="any")]
    assert codes(racing, "start -> a -> z", "start -> b -> z") == []


def test_names_that_a_container_gives_cannot_be_taken_inside_it() -> None:
    assert codes([start(), node("l", "loop", condition="true"), node("loop", parent="l")], "start -> l") == ["reserved_id@loop.id"]
    assert codes([start(), node("loop", "loop", condition="true"), node("a", parent="loop")], "start -> loop") == []


def test_the_fields_offered_follow_the_container() -> None:
    nodes = [start(), node("l", "loop", condition="true"), node("d", "template", "l", text="x"), node("r", "region"), node("a", parent="r")]
    nodes += [node("u", parent="r")]
    spec = workflow(nodes, "start -> l -> r", "a -> u")
    spec = spec.model_copy(update={"edges": (*spec.edges[:2], EdgeSpec(source="a", port="undo", target="u"))})
    names = Names(spec, kinds=KINDS, agents={})
    offered = {of: {variable.path for variable in names.seen_from(of)} for of in ("l", "d", "a", "u")}
    assert {"loop.index", "loop.previous", "d"} <= offered["l"]
    assert "loop.previous" in offered["d"]
    assert "item" not in offered["d"]
    assert "error.message" in offered["u"]
    assert "error.message" not in offered["a"]
