"""Iteration, termination and multiple instances: patterns 11 to 15, 21, 34 to 36 and 43."""

import pytest

from engine.run.events import EventType
from tests.patterns.kit import Play


def loop(mode: str, limit: int = 10) -> str:
    return f"""
nodes:
  start: {{kind: start, config: {{fields: [{{name: goal, type: integer}}]}}}}
  again:
    kind: loop
    config:
      mode: {mode}
      condition: {"loop.index >= inputs.goal" if mode == "until" else "loop.index < inputs.goal"}
      limit: {limit}
      result: "{{{{ loop.previous | append: '*' }}}}"
  work: {{kind: delay, parent: again, config: {{duration_s: 60}}}}
  end: {{kind: end, config: {{output: {{made: "{{{{ again.result }}}}"}}}}}}
edges: [start -> again, again -> end]
"""


@pytest.mark.parametrize(("mode", "goal", "passes"), [("until", 3, 3), ("until", 0, 1), ("while", 3, 3), ("while", 0, 0)])
async def test_wcp21_structured_loop(mode: str, goal: int, passes: int) -> None:
    play = await Play(loop(mode), goal=goal).finish()
    assert [step for step in play.done if step.startswith("work")] == [f"work@{number}" for number in range(passes)]
    assert play.outcome.output == {"made": "*" * passes or None}


async def test_wcp21_structured_loop_never_goes_on_for_ever() -> None:
    play = await Play(loop("until", limit=4), goal=1000).finish()
    assert play.outcome.error is not None
    assert play.outcome.error["code"] == "loop_limit"
    assert play.done.count("work@3") == 1
    assert "work@4" not in play.done


IMPLICIT = """
nodes:
  start: {kind: start}
  short: {kind: template, config: {text: done}}
  long: {kind: delay, config: {duration_s: 86400}}
edges: [start -> short, start -> long]
"""


async def test_wcp11_implicit_termination() -> None:
    play = await Play(IMPLICIT).go()
    assert (play.outcome.status, play.done) == ("waiting", ["start", "short"])
    await play.finish()
    assert play.outcome.status == "succeeded"
    assert play.events[-2].node == "long"


EXPLICIT = """
nodes:
  start: {kind: start}
  short: {kind: delay, config: {duration_s: 60}}
  long: {kind: delay, config: {duration_s: 86400}}
  after_long: {kind: end, config: {output: too late}}
  over: {kind: end, config: {output: enough, ends_run: true}}
edges: [start -> short, start -> long, long -> after_long, short -> over]
"""


async def test_wcp43_explicit_termination() -> None:
    play = await Play(EXPLICIT).finish()
    assert (play.outcome.status, play.outcome.output) == ("succeeded", "enough")
    assert play.cancelled == {"long"}
    assert "after_long" not in play.done


APART = """
nodes:
  start: {kind: start}
  send: {kind: map, config: {items: [1, 2], parallel: 2}}
  post: {kind: delay, parent: send, config: {duration_s: 3600}}
  next: {kind: template, config: {text: not waiting}}
edges: [start -> send, start -> next]
"""


async def test_wcp12_multiple_instances_without_synchronization() -> None:
    play = await Play(APART).finish()
    assert play.in_order("next", "post@0", "post@1")
    assert play.outcome.status == "succeeded"


def instances(items: str, **config: object) -> str:
    extra = "".join(f", {name}: {value}" for name, value in config.items())
    return f"""
nodes:
  start: {{kind: start, config: {{fields: [{{name: rows, type: list, required: false}}]}}}}
  each: {{kind: map, config: {{items: {items}, parallel: 10{extra}}}}}
  work: {{kind: delay, parent: each, config: {{mode: until, until: "2026-03-31T1{{{{ item }}}}:00:00Z"}}}}
  then: {{kind: template, config: {{text: "{{{{ each.count }}}}"}}}}
edges: [start -> each, each -> then]
"""


async def test_wcp13_multiple_instances_with_design_time_knowledge() -> None:
    play = await Play(instances("[3, 5, 4]")).finish()
    assert play.in_order("work@0", "work@2", "work@1", "each", "then")
    assert play.outcome.output == "3"


@pytest.mark.parametrize("rows", [[], [3], [5, 4, 3, 6]])
async def test_wcp14_multiple_instances_with_run_time_knowledge(rows: list[int]) -> None:
    play = await Play(instances('"{{ inputs.rows }}"'), rows=list(rows)).finish()
    assert len(play.of(EventType.NODE_FINISHED, "work")) == len(rows)
    assert play.done[-2:] == ["each", "then"]


GROWING = """
nodes:
  start: {kind: start}
  pages: {kind: map, config: {items: [1], parallel: 3}}
  read: {kind: delay, parent: pages, config: {duration_s: 60}}
  more: {kind: condition, parent: pages, config: {cases: [{id: "yes", condition: item < 4}]}}
  add: {kind: add_entries, parent: pages, config: {items: ["{{ item | plus: 1 }}"]}}
  then: {kind: template, config: {text: "{{ pages.count }}"}}
edges: [start -> pages, read -> more, more.yes -> add, pages -> then]
"""


async def test_wcp15_multiple_instances_without_run_time_knowledge() -> None:
    play = await Play(GROWING).finish()
    assert [step for step in play.done if step.startswith("read")] == ["read@0", "read@1", "read@2", "read@3"]
    assert play.outcome.output == "4"
    assert play.done[-2:] == ["pages", "then"]


async def test_wcp34_static_partial_join_for_multiple_instances() -> None:
    play = await Play(instances("[3, 5, 4]", enough=2, others="finish")).finish()
    assert not play.cancelled
    assert play.done.count("then") == 1
    assert [step for step in play.done if step.startswith("work")] == ["work@0", "work@2", "work@1"]


async def test_wcp35_cancelling_partial_join_for_multiple_instances() -> None:
    play = await Play(instances("[3, 5, 4]", enough=2)).finish()
    assert [(event.node, event.iteration) for event in play.of(EventType.NODE_CANCELLED)] == [("work", "1")]
    assert play.in_order("work@0", "work@2", "each", "then")
    assert play.outcome.output == "2"


DYNAMIC = """
nodes:
  start: {kind: start}
  search: {kind: map, config: {items: [1, 2], parallel: 10}}
  look: {kind: delay, parent: search, config: {mode: until, until: "2026-03-31T1{{ item | plus: 2 }}:00:00Z"}}
  judge: {kind: condition, parent: search, config: {cases: [{id: found, condition: item == 4}, {id: fork, condition: item < 3}]}}
  add: {kind: add_entries, parent: search, config: {items: ["{{ item | plus: 2 }}", "{{ item | plus: 3 }}"]}}
  stop: {kind: leave, parent: search}
  then: {kind: template, config: {text: "{{ search.count }}"}}
edges: [start -> search, look -> judge, judge.found -> stop, judge.fork -> add, search -> then]
"""


async def test_wcp36_dynamic_partial_join_for_multiple_instances() -> None:
    play = await Play(DYNAMIC).finish()
    begun = {event.iteration for event in play.of(EventType.NODE_WAITING, "look")}
    ended = {event.iteration for event in play.of(EventType.NODE_FINISHED, "look")}
    assert ended < begun
    assert play.done[-2:] == ["search", "then"]
    assert len(play.of(EventType.NODE_FINISHED, "stop")) == 1
