"""The settings of an endpoint as people send them, checked all at once; editing.py stores them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from app.core.errors import Invalid
from app.core.text import clean_line, text_problem
from app.core.uow import UnitOfWork
from app.services.announcements import EVENTS
from engine.json import as_list, as_object
from models.ids import parse_id
from models.workflow import Workflow

MOST_WORKFLOWS = 200
LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Checked settings. No workflow means all of them."""

    name: str = ""
    url: str = ""
    events: tuple[str, ...] = ()
    workflow_ids: tuple[str, ...] = ()


def read_settings(uow: UnitOfWork, given: object, before: EndpointSettings) -> EndpointSettings:
    """What is given over what was before; raises Invalid with one message per wrong or missing field."""
    wanted = as_object(given)
    if wanted is None:
        raise Invalid("The settings must be an object.", fields={"settings": "Give an object with one value per setting."})
    readers: dict[str, Callable[[object], Any]] = {
        "name": lambda value: clean_line(value, max_length=120, label="The name", field="name"),
        "url": lambda value: _url(uow, value),
        "events": _events,
        "workflow_ids": lambda value: _workflows(uow, value),
    }
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, read in readers.items():
        value = wanted.get(name, getattr(before, name))
        try:
            values[name] = read(list(value) if isinstance(value, tuple) else value)
        except Invalid as wrong:
            problems[name] = wrong.fields.get(name, wrong.message)
    if problems:
        raise Invalid("Please mend the marked fields.", fields=problems)
    return EndpointSettings(**values)


def _url(uow: UnitOfWork, value: object) -> str:
    problem = text_problem(value, max_length=LONGEST_URL, label="The address")
    if problem:
        raise Invalid(problem)
    url = str(value).strip()
    if "#" in url:
        raise Invalid("The address holds a fragment (#…), which is never sent. Remove it.")
    problem = uow.ports.addresses.problem_of(url)
    if problem:
        raise Invalid(problem)
    return url


def _events(value: object) -> tuple[str, ...]:
    listed = as_list(value)
    if not listed:
        raise Invalid("Choose at least one event.")
    unknown = [item for item in listed if not isinstance(item, str) or item not in EVENTS]
    if unknown:
        raise Invalid(f"There is no event {str(unknown[0])[:60]!r}. The events are: {', '.join(EVENTS)}.")
    return tuple(event for event in EVENTS if event in listed)


def _workflows(uow: UnitOfWork, value: object) -> tuple[str, ...]:
    listed = as_list(value)
    if listed is None or len(listed) > MOST_WORKFLOWS:
        raise Invalid(f"Give a list of at most {MOST_WORKFLOWS} workflows, or an empty one for all.")
    ids = [parse_id(item) for item in listed]
    is_there = (Workflow.workspace_id == uow.workspace_id, col(Workflow.deleted_at).is_(None), uow.within_reach(Workflow))
    query = select(Workflow.id).where(*is_there)
    known = set(uow.session.exec(query.where(col(Workflow.id).in_([item for item in ids if item]))).all())
    if any(item not in known for item in ids):
        raise Invalid("One of the chosen workflows does not exist (any more). Choose again.")
    return tuple(dict.fromkeys(str(item) for item in ids))
