"""Advanced branching and synchronization: patterns 6 to 9, 28 to 32, 37, 41 and 42."""

import itertools

import pytest

from engine.run.events import EventType
from tests.patterns.kit import Play

MULTI = """
nodes:
  start: {kind: start, config: {fields: [{name: mail, type: boolean}, {name: call, type: boolean}, {name: visit, type: boolean}]}}
  if_mail: {kind: condition, config: {cases: [{id: "yes", condition: inputs.mail}]}}
  if_call: {kind: condition, config: {cases: [{id: "yes", condition: inputs.call}]}}
  if_visit: {kind: condition, config: {cases: [{id: "yes", condition: inputs.visit}]}}
  mail: {kind: delay, config: {duration_s: 3600}}
  call: {kind: delay, config: {duration_s: 7200}}
  visit: {kind: delay, config: {duration_s: 10800}}
  report: {kind: merge}
edges:
  - start -> if_mail
  - start -> if_call
  - start -> if_visit
  - if_mail.yes -> mail
  - if_call.yes -> call
  - if_visit.yes -> visit
  - mail -> report
  - call -> report
  - visit -> report
"""
CHOICES = [dict(zip(("mail", "call", "visit"), chosen, strict=True)) for chosen in itertools.product((True, False), repeat=3)]


@pytest.mark.parametrize("chosen", CHOICES, ids=str)
async def test_wcp06_multi_choice(chosen: dict[str, bool]) -> None:
    play = await Play(MULTI, **chosen).finish()
    assert {step for step in play.done if step in chosen} == {name for name, wanted in chosen.items() if wanted}


@pytest.mark.parametrize("chosen", CHOICES, ids=str)
async def test_wcp07_structured_synchronizing_merge(chosen: dict[str, bool]) -> None:
    play = await Play(MULTI, **chosen).finish()
    active = [name for name, wanted in chosen.items() if wanted]
    assert play.in_order(*active, *(["report"] if active else []))


MULTI_MERGE = """
nodes:
  start: {kind: start}
  each:
    kind: map
    config: {items: [letter, parcel, letter], parallel: 3}
  way: {kind: switch, parent: each, config: {value: "{{ item }}", cases: [{id: letter, equals: letter}]}}
  stamp: {kind: delay, parent: each, config: {duration_s: 3600}}
  weigh: {kind: delay, parent: each, config: {duration_s: 7200}}
  send: {kind: template, parent: each, config: {text: "sent {{ item }}"}}
edges: [start -> each, way.letter -> stamp, way.otherwise -> weigh, stamp -> send, weigh -> send]
"""


async def test_wcp08_multi_merge() -> None:
    play = await Play(MULTI_MERGE).finish()
    assert [step for step in play.done if step.startswith("send")] == ["send@0", "send@2", "send@1"]


def racing(join: str, others: str) -> str:
    return f"""
nodes:
  start: {{kind: start}}
  fast: {{kind: delay, config: {{duration_s: 3600}}}}
  middle: {{kind: delay, config: {{duration_s: 7200}}}}
  slow: {{kind: delay, config: {{duration_s: 10800}}}}
  after_slow: {{kind: template, config: {{text: late}}}}
  joined: {{kind: merge, join: {join}, others: {others}}}
edges:
  - start -> fast
  - start -> middle
  - start -> slow
  - slow -> after_slow
  - fast -> joined
  - middle -> joined
  - after_slow -> joined
"""


async def test_wcp09_structured_discriminator() -> None:
    play = await Play(racing("any", "finish")).finish()
    assert play.in_order("fast", "joined", "middle", "slow", "after_slow")
    assert not play.cancelled


async def test_wcp29_cancelling_discriminator() -> None:
    play = await Play(racing("any", "cancel")).finish()
    assert play.done == ["start", "fast", "joined"]
    assert play.cancelled == {"middle", "slow"}
    assert play.skipped == {"after_slow"}
    assert (play.clock.at - play.events[0].at).total_seconds() == 3600


async def test_wcp30_structured_partial_join() -> None:
    play = await Play(racing("2", "finish")).finish()
    assert play.in_order("fast", "middle", "joined", "slow", "after_slow")


async def test_wcp32_cancelling_partial_join() -> None:
    play = await Play(racing("2", "cancel")).finish()
    assert play.done == ["start", "fast", "middle", "joined"]
    assert play.cancelled == {"slow"}


def blocking(join: str) -> str:
    return f"""
nodes:
  start: {{kind: start}}
  rounds: {{kind: loop, config: {{condition: loop.index >= 3}}}}
  fast: {{kind: delay, parent: rounds, config: {{duration_s: 60}}}}
  middle: {{kind: delay, parent: rounds, config: {{duration_s: 120}}}}
  slow: {{kind: delay, parent: rounds, config: {{duration_s: 180}}}}
  joined: {{kind: merge, parent: rounds, join: {join}}}
edges: [start -> rounds, fast -> joined, middle -> joined, slow -> joined]
"""


@pytest.mark.parametrize(("join", "place"), [("any", 1), ("2", 2)], ids=["wcp28_blocking_discriminator", "wcp31_blocking_partial_join"])
async def test_wcp28_wcp31_blocking_joins(join: str, place: int) -> None:
    play = await Play(blocking(join)).finish()
    inner = [step for step in play.done if "@" in step]
    for number in range(3):
        one_round = ["fast", "middle", "slow"]
        one_round.insert(place, "joined")
        assert inner[4 * number : 4 * number + 4] == [f"{step}@{number}" for step in one_round]


ACYCLIC = """
nodes:
  start: {kind: start, config: {fields: [{name: deep, type: boolean}, {name: wide, type: boolean}]}}
  deep: {kind: condition, config: {cases: [{id: "yes", condition: inputs.deep}]}}
  wide: {kind: condition, config: {cases: [{id: "yes", condition: inputs.wide}]}}
  a: {kind: delay, config: {duration_s: 3600}}
  b: {kind: delay, config: {duration_s: 7200}}
  ab: {kind: merge}
  c: {kind: template, config: {text: c}}
  last: {kind: merge}
edges:
  - start -> deep
  - start -> wide
  - deep.yes -> a
  - wide.yes -> b
  - a -> ab
  - b -> ab
  - b -> c
  - ab -> last
  - c -> last
"""


@pytest.mark.parametrize(("deep", "wide"), list(itertools.product((True, False), repeat=2)))
async def test_wcp37_acyclic_synchronizing_merge(deep: bool, wide: bool) -> None:
    play = await Play(ACYCLIC, deep=deep, wide=wide).finish()
    expected = ["a"] * deep + ["b"] * wide + ["c"] * wide + ["ab"] * (deep or wide) + ["last"] * (deep or wide)
    assert sorted(step for step in play.done if step in ("a", "b", "c", "ab", "last")) == sorted(expected)
    if wide:
        assert play.ended("b") < play.began("ab")
        assert max(play.ended("ab"), play.ended("c")) < play.began("last")


SPLIT = """
nodes:
  start: {kind: start}
  split: {kind: map, config: {items: [1, 2, 3], parallel: 3}}
  work: {kind: delay, parent: split, config: {duration_s: 3600}}
  more: {kind: template, parent: split, config: {text: "thread {{ index }}"}}
  merged: {kind: template, config: {text: "{{ split.results | join: ', ' }}"}}
edges: [start -> split, work -> more, split -> merged]
"""


async def test_wcp42_thread_split() -> None:
    play = await Play(SPLIT).go()
    assert [event.iteration for event in play.of(EventType.NODE_WAITING, "work")] == ["0", "1", "2"]


async def test_wcp41_thread_merge() -> None:
    play = await Play(SPLIT).finish()
    assert play.done.count("merged") == 1
    assert play.done[-1] == "merged"
    assert play.outcome.output == "thread 0, thread 1, thread 2"
