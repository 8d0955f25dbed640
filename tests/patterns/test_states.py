"""State-based patterns: 16 to 18, 39 and 40."""

import itertools

import pytest

from tests.patterns.kit import Play, are_apart

DEFERRED = """
nodes:
  start: {kind: start}
  customer: {kind: approval, config: {title: Has the customer answered?}}
  call_back: {kind: approval, config: {title: Does somebody call?}}
  too_late: {kind: delay, config: {duration_s: 86400}}
  first: {kind: merge, join: any, others: cancel}
  who:
    kind: condition
    config:
      cases:
        - {id: customer, condition: first.customer}
        - {id: call, condition: first.call_back}
  answered: {kind: template, config: {text: answered}}
  called: {kind: template, config: {text: called}}
  closed: {kind: template, config: {text: closed}}
edges:
  - start -> customer
  - start -> call_back
  - start -> too_late
  - customer.approve -> first
  - call_back.approve -> first
  - too_late -> first
  - first -> who
  - who.customer -> answered
  - who.call -> called
  - who.otherwise -> closed
"""


@pytest.mark.parametrize(("pressed", "expected"), [("customer", "answered"), ("call_back", "called"), (None, "closed")])
async def test_wcp16_deferred_choice(pressed: str | None, expected: str) -> None:
    play = await Play(DEFERRED).go()
    assert play.outcome.status == "waiting"
    assert play.done == ["start"]
    if pressed is not None:
        play.press(pressed)
        await play.go()
    else:
        await play.finish()
    assert play.outcome.output == expected
    assert play.cancelled == {"customer", "call_back", "too_late"} - {pressed or "too_late"}


@pytest.mark.parametrize("order", list(itertools.permutations(("customer", "call_back"))))
async def test_wcp16_deferred_choice_takes_one_way_when_two_things_happen_at_once(order: tuple[str, ...]) -> None:
    play = await Play(DEFERRED).go()
    for step in order:
        play.press(step)
    play.clock.pass_s(100_000)
    await play.go()
    assert len([step for step in play.done if step in ("answered", "called", "closed")]) == 1
    assert play.outcome.output == ("answered" if order[0] == "customer" else "called")


INTERLEAVED = """
nodes:
  start: {kind: start}
  blood: {kind: delay, lock: patient, config: {duration_s: 3600}}
  x_ray: {kind: delay, lock: patient, config: {duration_s: 1800}}
  report: {kind: delay, lock: patient, config: {duration_s: 600}}
  done: {kind: merge}
edges: [start -> blood, start -> x_ray, x_ray -> report, blood -> done, report -> done]
"""


async def test_wcp17_interleaved_parallel_routing() -> None:
    play = await Play(INTERLEAVED).finish()
    assert are_apart(play.spans("blood", "x_ray", "report"))
    assert play.ended("x_ray") < play.began("report")
    assert (play.clock.at - play.events[0].at).total_seconds() == 6000


FREE_ORDER = """
nodes:
  start: {kind: start}
  a: {kind: delay, lock: desk, config: {duration_s: 3600}}
  b: {kind: delay, lock: desk, config: {duration_s: 1800}}
  c: {kind: delay, lock: desk, config: {duration_s: 600}}
  done: {kind: merge}
edges: [start -> c, start -> b, start -> a, a -> done, b -> done, c -> done]
"""


async def test_wcp40_interleaved_routing() -> None:
    play = await Play(FREE_ORDER).finish()
    assert are_apart(play.spans("a", "b", "c"))
    assert play.in_order("c", "b", "a", "done")


CRITICAL = """
nodes:
  start: {kind: start}
  pay: {kind: region, lock: till}
  count: {kind: delay, parent: pay, config: {duration_s: 3600}}
  book: {kind: delay, parent: pay, config: {duration_s: 60}}
  refund: {kind: region, lock: till}
  check: {kind: delay, parent: refund, config: {duration_s: 600}}
  give: {kind: delay, parent: refund, config: {duration_s: 60}}
  free: {kind: delay, config: {duration_s: 10}}
edges: [start -> pay, start -> refund, start -> free, count -> book, check -> give]
"""


async def test_wcp39_critical_section() -> None:
    play = await Play(CRITICAL).finish()
    assert play.in_order("free", "count", "book", "check", "give")
    assert play.ended("book") < play.began("check")


MILESTONE = """
nodes:
  start: {kind: start}
  ordered: {kind: template, config: {text: ordered}}
  pack: {kind: delay, config: {duration_s: 3600}}
  ship: {kind: template, config: {text: shipped}}
  wish: {kind: delay, config: {duration_s: %s}}
  open: {kind: milestone, config: {step_id: ship}}
  change: {kind: template, config: {text: changed}}
  refuse: {kind: template, config: {text: too late}}
edges:
  - start -> ordered
  - ordered -> pack
  - pack -> ship
  - ordered -> wish
  - wish -> open
  - open.open -> change
  - open.late -> refuse
"""


@pytest.mark.parametrize(("wish_s", "expected"), [(1800, "change"), (5400, "refuse")])
async def test_wcp18_milestone(wish_s: int, expected: str) -> None:
    play = await Play(MILESTONE % wish_s).finish()
    assert [step for step in play.done if step in ("change", "refuse")] == [expected]
    assert "ship" in play.done
