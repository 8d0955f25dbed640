"""Cancellation, completion and compensation: patterns 19, 20, 25 to 27, and sagas."""

from engine.run.events import EventType
from tests.engine.kit import Drive
from tests.patterns.kit import Play

ACTIVITY = """
nodes:
  start: {kind: start}
  remind: {kind: delay, config: {duration_s: 86400}}
  send: {kind: template, config: {text: reminder}}
  answer: {kind: delay, config: {duration_s: 3600}}
  withdraw: {kind: stop, config: {step_ids: [%s]}}
  thanks: {kind: template, config: {text: thanks}}
edges: [start -> remind, remind -> send, start -> answer, answer -> withdraw, withdraw -> thanks]
"""


async def test_wcp19_cancel_activity_that_is_at_work() -> None:
    play = await Play(ACTIVITY % "remind").finish()
    assert play.cancelled == {"remind"}
    assert play.skipped == {"send"}
    assert play.done[-1] == "thanks"
    assert (play.clock.at - play.events[0].at).total_seconds() == 3600


async def test_wcp19_cancel_activity_that_has_not_begun() -> None:
    play = await Play(ACTIVITY % "send").finish()
    assert play.skipped == {"send"}
    assert "remind" in play.done


CASE = """
nodes:
  start: {kind: start}
  work: {kind: region}
  long: {kind: delay, parent: work, config: {duration_s: 86400}}
  list: {kind: map, config: {items: [1, 2], parallel: 2}}
  each: {kind: delay, parent: list, config: {duration_s: 86400}}
  alarm: {kind: delay, config: {duration_s: 60}}
  abort: {kind: fail, config: {message: Somebody pulled the brake., code: aborted}}
edges: [start -> work, start -> list, start -> alarm, alarm -> abort]
"""


async def test_wcp20_cancel_case() -> None:
    play = await Play(CASE).finish()
    assert play.outcome.status == "failed"
    assert play.outcome.error is not None
    assert play.outcome.error["code"] == "aborted"
    assert play.cancelled == {"long", "work", "each", "list"}


async def test_wcp20_cancel_case_by_a_person() -> None:
    play = await Play(CASE).go()
    drive = Drive(play.plan, play.events, clock=play.clock)
    drive.driver.cancel("ada")
    assert (await drive.run()).status == "cancelled"
    assert {event.node for event in drive.of(EventType.NODE_CANCELLED)} >= {"long", "each", "alarm"}
    assert drive.journal.events[-1].data == {"by": "ada"}


REGION = """
nodes:
  start: {kind: start}
  offer: {kind: region}
  draft: {kind: delay, parent: offer, config: {duration_s: 60}}
  review: {kind: delay, parent: offer, config: {duration_s: 86400}}
  print: {kind: delay, parent: offer, config: {duration_s: 86400}}
  bind: {kind: template, parent: offer, config: {text: bound}}
  ship: {kind: template, config: {text: shipped}}
  other: {kind: delay, config: {duration_s: 7200}}
  changed: {kind: delay, config: {duration_s: 3600}}
  withdraw: {kind: stop, config: {step_ids: [offer]}}
edges:
  - start -> offer
  - draft -> review
  - draft -> print
  - review -> bind
  - print -> bind
  - offer -> ship
  - start -> other
  - start -> changed
  - changed -> withdraw
"""


async def test_wcp25_cancel_region() -> None:
    play = await Play(REGION).finish()
    assert play.outcome.status == "succeeded"
    assert play.cancelled == {"offer", "review", "print"}
    assert "draft" in play.done
    assert not {"bind", "ship"} & set(play.done)
    assert play.ended("withdraw") < play.ended("other")


def many(inner: str) -> str:
    return f"""
nodes:
  start: {{kind: start}}
  ask: {{kind: map, config: {{items: [3, 4, 5], parallel: 3}}}}
  supplier: {{kind: delay, parent: ask, config: {{mode: until, until: "2026-03-31T1{{{{ item }}}}:00:00Z"}}}}
  next: {{kind: template, config: {{text: "{{{{ ask.count }}}} answers"}}}}
{inner}
"""


CANCEL_MANY = many("""
  closed: {kind: delay, config: {duration_s: 5400}}
  withdraw: {kind: stop, config: {step_ids: [ask]}}
edges: [start -> ask, ask -> next, start -> closed, closed -> withdraw]
""")


async def test_wcp26_cancel_multiple_instance_activity() -> None:
    play = await Play(CANCEL_MANY).finish()
    assert [step for step in play.done if step.startswith("supplier")] == ["supplier@0"]
    assert [event.iteration for event in play.of(EventType.NODE_CANCELLED, "supplier")] == ["1", "2"]
    assert "ask" in play.cancelled
    assert play.skipped == {"next"}


COMPLETE_MANY = many("""
  good: {kind: condition, parent: ask, config: {cases: [{id: "yes", condition: item == 4}]}}
  enough: {kind: leave, parent: ask}
edges: [start -> ask, ask -> next, supplier -> good, good.yes -> enough]
""")


async def test_wcp27_complete_multiple_instance_activity() -> None:
    play = await Play(COMPLETE_MANY).finish()
    assert [step for step in play.done if step.startswith("supplier")] == ["supplier@0", "supplier@1"]
    assert [event.iteration for event in play.of(EventType.NODE_CANCELLED, "supplier")] == ["2"]
    assert play.done[-2:] == ["ask", "next"]
    assert play.outcome.output == "2 answers"


SAGA = """
nodes:
  start: {kind: start}
  trip: {kind: region, on_error: {action: branch}}
  flight: {kind: delay, parent: trip, config: {duration_s: 60}}
  hotel: {kind: delay, parent: trip, config: {duration_s: 60}}
  pay: {kind: fail, parent: trip, config: {message: Declined.}}
  drop_flight: {kind: template, parent: trip, config: {text: dropped}}
  drop_hotel: {kind: template, parent: trip, config: {text: "{{ error.message }}"}}
  tell: {kind: template, config: {text: "{{ trip.details.undone | join: ' then ' }}"}}
edges:
  - start -> trip
  - flight -> hotel
  - hotel -> pay
  - flight.undo -> drop_flight
  - hotel.undo -> drop_hotel
  - trip.error -> tell
"""


async def test_compensation_in_reverse_order() -> None:
    play = await Play(SAGA).finish()
    assert play.in_order("flight", "hotel", "drop_hotel", "drop_flight", "tell")
    assert play.outcome.output == "drop_hotel then drop_flight"


TIMEOUT = """
nodes:
  start: {kind: start}
  group: {kind: region, config: {limit_s: 3600}}
  ask: {kind: approval, parent: group, config: {title: Well?}}
  escalate: {kind: template, config: {text: escalated}}
  fine: {kind: template, config: {text: fine}}
edges: [start -> group, group.timeout -> escalate, group -> fine]
"""


async def test_time_limit_around_a_group_of_steps() -> None:
    play = await Play(TIMEOUT).finish()
    assert play.outcome.output == "escalated"
    assert play.cancelled == {"ask"}
    assert play.skipped == {"fine"}
