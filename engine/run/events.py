"""The journal's vocabulary: a run is the fold of these events; app/services/runs persists them, the UI reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from engine.json import JsonObject, JsonValue


class EventType(StrEnum):
    """Every kind of journal event; the comment gives the keys of `data` (a key in brackets may be absent).

    `usage` is {input_tokens, output_tokens, cost_micros, calls}; `error` is {code, message, node, [field], [details]}.
    """

    RUN_STARTED = "run_started"  # inputs, [fork {run, seq, how, node, iteration, edits [{node, iteration, field}]}]
    RUN_RESUMED = "run_resumed"  # interrupted [{node, iteration}]; a worker took a parked or orphaned run up again
    RUN_WAITING = "run_waiting"  # wake_at (iso or null), reasons [{node, iteration, reason, until}]
    RUN_SUCCEEDED = "run_succeeded"  # output
    RUN_FAILED = "run_failed"  # error
    RUN_CANCELLED = "run_cancelled"  # by (user id or null)
    # attempt, inputs (resolved config), and of a container: [style list|loop|region], [parallel, stop_on_error, enough, others, tries of
    # a list, whose values are inputs.items], [previous: a loop's first value], [until (iso): its time limit], [way: the port taken then];
    # durable before a call that has effects: it is the intent. Kinds that finish at once write no NODE_STARTED.
    NODE_STARTED = "node_started"
    # attempt, output, port, ms, started_at, [inputs if there was no NODE_STARTED], [usage], [source: the step was not run here, its
    # result is kept (of the run this one was forked from), edited (by a person), pinned or stubbed], [then: what it does besides,
    # {[stop]: ids of nodes that are cancelled, or skipped if they have not begun; [add]: entries for the list around it;
    # [leave]: container|run}]
    NODE_FINISHED = "node_finished"
    # attempt, error, ms, started_at, [inputs if there was no NODE_STARTED], [usage], [source], and either retry_at (iso: it is tried
    # again) or handled (fail|branch|default; the last two with output: the error, or the default)
    NODE_FAILED = "node_failed"
    NODE_SKIPPED = "node_skipped"  # [source: kept, or left_out of a run that does one step only]
    # reason; it was running or waiting: run_failed, run_cancelled, run_ended (an end that ends the run at once), item_failed (the pass
    # failed or is not needed any more), expired (its container's time), left (its container was left), stopped (by a join or a stop)
    NODE_CANCELLED = "node_cancelled"
    # what the reason is (approval|delay|child|signal|unknown_effect|retry|budget|rate_limit|breaker), until (iso or null), request,
    # attempt, [inputs]. Of the last three, request holds the note (why) and, of a budget, the facts about the cap and whether it asks.
    NODE_WAITING = "node_waiting"
    # reason, decision. Written by services: approval {button, note, values, by}; delay {by} (skips the rest of it);
    # unknown_effect {action: repeat|done|fail, value, by}; child {run, status, output, error, usage};
    # signal {value, sent_at, by}; budget {action: raise|cheaper, [steps], [time_s], [model], by}.
    # Written by the driver when the time has come: expired {expired: true}, retry {}, rate_limit {}, breaker {}.
    NODE_RESUMED = "node_resumed"
    # key, fact, attempt: kept within a node across a crash. A model call's fact is {type: model_call, call, model, usage, reply, ms,
    # request {model, messages that are new since the call before, [left_out], [tools], [temperature]}, [agent], [hold: of budgets],
    # [passed [{model, code, message}]: the models that were to answer before, and why they did not]};
    # its usage is the record that is billed (NODE_FINISHED.usage is the sum for display). A tool's is {type: tool_result, ...}.
    # Of an answer that was stopped or broke off: {type: partial, call, model, text, ms, request, [usage, estimated]}.
    NODE_PROGRESS = "node_progress"
    NODE_ITERATED = "node_iterated"  # index, previous: a loop begins another pass; previous is the result of the pass before
    NODE_EXPIRED = "node_expired"  # error: a container's time is over; what is live inside is cancelled, and undone before it ends


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """One fact of a run. `iteration` is "" at top level, "3" for the fourth item of a map, "3/0" for a nested one."""

    type: EventType
    at: datetime
    node: str | None = None
    iteration: str = ""
    data: JsonObject = field(default_factory=dict[str, object])


class Journal(Protocol):
    """Durable, gapless, append-only; one call is one short transaction."""

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """Persist the events in order, or raise LeaseLost when the run belongs to someone else or is already over."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a drive ended. `waiting` parks the run until `wake_at` (None: until somebody acts); `released` is a graceful stop."""

    status: Literal["succeeded", "failed", "cancelled", "waiting", "released"]
    output: JsonValue = None
    error: JsonObject | None = None
    wake_at: datetime | None = None
