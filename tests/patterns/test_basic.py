"""Basic control flow: patterns 1 to 5."""

from tests.patterns.kit import Play

SEQUENCE = """
nodes:
  start: {kind: start}
  a: {kind: delay, config: {duration_s: 3600}}
  b: {kind: template, config: {text: "b after {{ a.resumed_at }}"}}
  end: {kind: end}
edges: [start -> a, a -> b, b -> end]
"""


async def test_wcp01_sequence() -> None:
    play = await Play(SEQUENCE).finish()
    assert play.done == ["start", "a", "b", "end"]
    assert play.ended("a") < play.began("b")


PARALLEL = """
nodes:
  start: {kind: start}
  a: {kind: delay, config: {duration_s: 7200}}
  b: {kind: delay, config: {duration_s: 3600}}
  both: {kind: merge}
edges: [start -> a, start -> b, a -> both, b -> both]
"""


async def test_wcp02_parallel_split() -> None:
    play = await Play(PARALLEL).go()
    assert {event.node for event in play.events if event.type == "node_waiting"} == {"a", "b"}
    await play.finish()
    assert (play.clock.at - play.events[0].at).total_seconds() == 7200


async def test_wcp03_synchronization() -> None:
    play = await Play(PARALLEL).finish()
    assert play.in_order("b", "a", "both")
    assert play.done.count("both") == 1


CHOICE = """
nodes:
  start: {kind: start, config: {fields: [{name: n, type: integer}]}}
  way:
    kind: condition
    config:
      cases:
        - {id: big, condition: inputs.n > 10}
        - {id: middle, condition: inputs.n > 5}
  big: {kind: template, config: {text: big}}
  middle: {kind: template, config: {text: middle}}
  small: {kind: template, config: {text: small}}
  joined: {kind: merge, config: {mode: first}}
  end: {kind: end}
edges:
  - start -> way
  - way.big -> big
  - way.middle -> middle
  - way.otherwise -> small
  - big -> joined
  - middle -> joined
  - small -> joined
  - joined -> end
"""


async def test_wcp04_exclusive_choice() -> None:
    for number, expected in ((11, "big"), (6, "middle"), (1, "small")):
        play = await Play(CHOICE, n=number).finish()
        assert [step for step in play.done if step in ("big", "middle", "small")] == [expected]
        assert play.skipped == {"big", "middle", "small"} - {expected}


async def test_wcp05_simple_merge() -> None:
    for number, expected in ((11, "big"), (6, "middle"), (1, "small")):
        play = await Play(CHOICE, n=number).finish()
        assert play.done.count("joined") == 1
        assert play.outcome.output == expected
