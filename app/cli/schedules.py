"""`agent-factory schedules list|add|next|why|pause|resume|run|delete`: what starts by itself, for scripts and for servers without a screen.

Exit codes: 0 done; 1 a refusal; 2 a wrong command line, file or setting.
"""

from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from app.cli.blueprint import WorkspaceOption, workflow_id_of
from app.cli.run_inputs import gather_inputs
from app.cli.terminal import say, say_json
from app.core.errors import NotFound
from app.core.uow import Actor
from app.services.operators import find_operator
from app.services.runs.inputs import get_run_form
from app.services.schedules import (
    create_schedule,
    delete_schedule,
    describe_timing,
    explain_schedule,
    find_schedule,
    get_schedule,
    list_schedules,
    pause_schedule,
    resume_schedule,
    run_schedule_now,
)
from app.services.schedules.wording import EXAMPLES
from app.views.schedules import ScheduleRow
from app.wiring import Wiring, get_wiring
from engine.nodes.fields import FormField

NameArgument = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Name or id of a schedule.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Workflows that start by themselves at set times, in this machine's database. Over the API: `remote schedules`.",
    )
    group.command("list", help="All schedules with their next moment.")(list_all)
    group.command("add", help="Make a schedule.")(add)
    group.command("next", help="The next moments of a schedule, or of a wording before it is saved.")(show_next)
    group.command("why", help="Why did it (not) run at a moment?")(why)
    group.command("pause", help="Stop starting runs.")(pause)
    group.command("resume", help="Go on with the next moment.")(resume)
    group.command("run", help="Start one run now.")(run_now)
    group.command("delete", help="Take a schedule away; its runs stay.")(delete)
    root.add_typer(group, name="schedules")


def list_all(workspace: WorkspaceOption = "", search: str = "", as_json: Json = False) -> None:
    """One line per schedule, those that run next first."""
    wiring, actor = _open(workspace)
    found = wiring.call(list_schedules, actor, search=search)
    if as_json:
        _print(list(found.rows))
        return
    for row in found.rows:
        state = "paused" if not row.is_enabled else "over" if row.is_finished else _stamp(row.next_at, row.time_zone)
        say(f"{row.name}  [{row.workflow_name}]  {row.said} ({row.time_zone})  {state}")
    if found.is_unwatched:
        say("note      No worker is looking for what is due. Start one with `agent-factory worker`.", err=True)


def add(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="Name or id of a saved workflow.")],
    wording: Annotated[str, typer.Argument(metavar="WHEN", help=f"Such as '{EXAMPLES[0]}', or a cron expression.")],
    *,
    name: Annotated[str, typer.Option("--name", help="A name; without one, that of the workflow.")] = "",
    zone: Annotated[str, typer.Option("--zone", help="An IANA time zone such as Europe/Berlin.")] = "UTC",
    given: Annotated[list[str] | None, typer.Option("--input", "-i", help="name=value, or name=@file; may be repeated.")] = None,
    starts_on: Annotated[str, typer.Option("--from", help="First day, such as 2026-03-31.")] = "",
    ends_on: Annotated[str, typer.Option("--until", help="Last day.")] = "",
    missed: Annotated[str, typer.Option("--missed", help="skip | one | all: what becomes of missed moments.")] = "one",
    most: Annotated[int, typer.Option("--most", help="With --missed all: at most so many.")] = 5,
    overlap: Annotated[str, typer.Option("--overlap", help="skip | queue | allow: while the run before is going.")] = "skip",
    paused: Annotated[bool, typer.Option("--paused", help="Make it, but do not start it yet.")] = False,
    workspace: WorkspaceOption = "",
    as_json: Json = False,
) -> None:
    """Make a schedule in the name of the workspace's owner."""
    wiring, actor = _open(workspace)
    workflow_id = wiring.call(workflow_id_of, actor, name=workflow)
    asked = wiring.call(get_run_form, actor, workflow_id=workflow_id)
    fields = tuple(FormField.model_validate({name: of for name, of in raw.items() if name != "value"}) for raw in asked)
    draft = {
        "workflow_id": workflow_id,
        "name": name or workflow,
        "wording": wording,
        "time_zone": zone,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "inputs": gather_inputs(fields, given=given or [], file="", sample=None),
        "missed": missed,
        "most_missed": most,
        "overlap": overlap,
        "is_enabled": not paused,
    }
    _show(wiring.call(create_schedule, actor, schedule=draft), as_json=as_json)


def show_next(
    schedule: Annotated[str, typer.Argument(metavar="SCHEDULE|WHEN", help="A schedule, or with --zone a wording to try.")],
    zone: Annotated[str, typer.Option("--zone", help="Take the argument as a wording in this time zone.")] = "",
    workspace: WorkspaceOption = "",
    as_json: Json = False,
) -> None:
    """The next ten moments, and what the clocks do to them."""
    wiring, actor = _open(workspace)
    asked: dict[str, Any] = {"wording": schedule, "time_zone": zone}
    if not zone:
        detail = wiring.call(get_schedule, actor, schedule_id=_find(wiring, actor, schedule).id)
        zone = detail.row.time_zone
        days = {"starts_on": detail.starts_on, "ends_on": detail.ends_on}
        asked = {"wording": detail.row.cron, "time_zone": zone, **{name: day.isoformat() if day else None for name, day in days.items()}}
    preview = wiring.call(describe_timing, actor, **asked)
    if as_json:
        _print({"cron": preview.cron, "said": preview.said, "time_zone": zone, "next": list(preview.fires)})
        return
    say(f"{preview.said} ({zone})  {preview.cron}", err=True)
    for moment in preview.fires:
        note = preview.notes.get(moment, "")
        say(f"{_stamp(moment, zone)}{f'  {note}' if note else ''}")


def why(
    schedule: NameArgument,
    moment: Annotated[str, typer.Argument(metavar="MOMENT", help="Such as 2026-03-31T09:00, in the schedule's own zone.")],
    workspace: WorkspaceOption = "",
    as_json: Json = False,
) -> None:
    """Why did it (not) run then?"""
    wiring, actor = _open(workspace)
    row = _find(wiring, actor, schedule)
    answer = wiring.call(explain_schedule, actor, schedule_id=row.id, moment=moment)
    if as_json:
        _print(answer)
        return
    say(answer.headline)
    for line in answer.details:
        say(f"  {line}")
    for words, at in (("before", answer.before), ("after", answer.after)):
        if at is not None:
            say(f"  The moment {words}: {_stamp(at, row.time_zone)}")


def pause(schedule: NameArgument, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Stop starting runs; what runs goes on."""
    _change(pause_schedule, schedule, workspace, as_json=as_json)


def resume(schedule: NameArgument, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Go on with the next moment, in the name of the workspace's owner."""
    _change(resume_schedule, schedule, workspace, as_json=as_json)


def run_now(schedule: NameArgument, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Start one run with the schedule's inputs."""
    wiring, actor = _open(workspace)
    run = wiring.call(run_schedule_now, actor, schedule_id=_find(wiring, actor, schedule).id)
    if as_json:
        _print({"run_id": run.id, "status": run.status})
        return
    say(f"Run {run.id}")


def delete(schedule: NameArgument, workspace: WorkspaceOption = "") -> None:
    """Take it away."""
    wiring, actor = _open(workspace)
    row = _find(wiring, actor, schedule)
    wiring.call(delete_schedule, actor, schedule_id=row.id)
    say(f"Deleted '{row.name}'.", err=True)


def _open(workspace: str) -> tuple[Wiring, Actor]:
    wiring = get_wiring()
    return wiring, wiring.call(find_operator, None, workspace=workspace)


def _find(wiring: Wiring, actor: Actor, name: str) -> ScheduleRow:
    row = wiring.call(find_schedule, actor, name=name)
    if row is None:
        raise NotFound(f"The schedule '{name}'")
    return row


def _change(service: Callable[..., ScheduleRow], schedule: str, workspace: str, *, as_json: bool) -> None:
    wiring, actor = _open(workspace)
    _show(wiring.call(service, actor, schedule_id=_find(wiring, actor, schedule).id), as_json=as_json)


def _show(row: ScheduleRow, *, as_json: bool) -> None:
    if as_json:
        _print(row)
        return
    state = _stamp(row.next_at, row.time_zone) if row.next_at else "paused"
    say(f"schedule  {row.name}  {row.id}")
    say(f"{row.said} ({row.time_zone}); next: {state}", err=True)


def _stamp(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}" if moment else "never"


def _print(value: object) -> None:
    say_json(_plain(value))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
