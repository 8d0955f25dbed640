"""How a workspace treats its models: which stand in for those that do not answer, and how fast its runs may ask each provider."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.core.audit import record
from app.core.bulk import insert_into
from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.budgets.accounts import policy_table
from app.views.budgets import PolicyView, RateView
from engine.json import JsonObject
from models.base import utc_now
from models.ids import new_id

MOST_FALLBACKS = 5
HIGHEST = 1_000_000_000
NAMES = ("requests", "tokens", "calls")
_LABELS = {"requests": "requests a minute", "tokens": "tokens a minute", "calls": "calls at once"}


def get_policy(uow: UnitOfWork) -> PolicyView:
    """The policy, with a line for every provider that can be used or is limited."""
    require(uow, Permission.VIEW)
    row = uow.session.connection().execute(sa.select(policy_table).where(policy_table.c.workspace_id == uow.workspace_id)).first()
    rates: JsonObject = row.rates if row is not None else {}
    providers = dict.fromkeys([*(card.provider for card in uow.ports.catalogue.cards() if card.is_available), *rates])
    lines = tuple(RateView(provider, *(_typed(rates, provider, name) for name in NAMES)) for provider in providers)
    return PolicyView(tuple(row.fallback_models) if row is not None else (), lines)


def set_policy(uow: UnitOfWork, *, fallback_models: object, rates: object) -> PolicyView:
    """Replace both. Raises Invalid per field; a rate's field is `provider.requests`, `.tokens` or `.calls`."""
    require(uow, Permission.MANAGE_BUDGETS)
    models = _read_models(uow, fallback_models)
    limits = _read_rates(uow, rates)
    now = utc_now()
    row = {"id": new_id(), "created_at": now, "updated_at": now, "workspace_id": uow.workspace_id}
    row |= {"fallback_models": models, "rates": limits}
    connection = uow.session.connection()
    changes: dict[str, list[Any]] = {"fallback_models": [list(fallbacks_of(connection, uow.workspace_id)), models]}
    changes["rates"] = [rates_of(connection, uow.workspace_id), limits]
    record(uow.trail, kind="model policy", changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]})
    statement = insert_into(connection, policy_table).values(row)
    anew = {name: statement.excluded[name] for name in ("fallback_models", "rates", "updated_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["workspace_id"], set_=anew))
    return get_policy(uow)


_FALLBACKS = sa.select(policy_table.c.fallback_models).where(policy_table.c.workspace_id == sa.bindparam("of"))


def fallbacks_of(connection: sa.Connection, workspace_id: uuid.UUID) -> tuple[str, ...]:
    """The models that stand in where a step or agent names none."""
    return tuple(connection.execute(_FALLBACKS, {"of": workspace_id}).scalar() or ())


def rates_of(connection: sa.Connection, workspace_id: uuid.UUID) -> JsonObject:
    """Provider -> limits. Workers read it."""
    query = sa.select(policy_table.c.rates).where(policy_table.c.workspace_id == workspace_id)
    return dict(connection.execute(query).scalar() or {})


def _typed(rates: JsonObject, provider: str, name: str) -> str:
    value = (rates.get(provider) or {}).get(name)
    return str(value) if value else ""


def _read_models(uow: UnitOfWork, given: object) -> list[str]:
    models = [model if isinstance(model, str) else "?" for model in given] if isinstance(given, list | tuple) else []
    problem = ""
    if len(models) > MOST_FALLBACKS:
        problem = f"Choose at most {MOST_FALLBACKS} models."
    elif len(set(models)) < len(models):
        problem = "The same model is listed twice. Remove one of them."
    unknown = next((model for model in models if uow.ports.catalogue.card(model) is None), None)
    if unknown is not None:
        problem = f"There is no model {unknown[:80]!r}. Choose another."
    if problem:
        raise Invalid("Please mend the marked field.", fields={"fallback_models": problem})
    return models


def _read_rates(uow: UnitOfWork, given: object) -> dict[str, dict[str, int]]:
    known = {card.provider for card in uow.ports.catalogue.cards()}
    table: Mapping[Any, Any] = given if isinstance(given, Mapping) else {}
    limits: dict[str, dict[str, int]] = {}
    problems: dict[str, str] = {}
    for provider, line in table.items():
        if provider not in known or not isinstance(line, Mapping):
            problems[str(provider)[:60]] = "There is no such provider."
            continue
        for name in NAMES:
            text = str(line.get(name) or "").strip().replace(",", "")
            if not text:
                continue
            if not text.isdecimal() or not 1 <= int(text) <= HIGHEST:
                problems[f"{provider}.{name}"] = f"Write a whole number of {_LABELS[name]}, or leave it empty for no limit."
                continue
            limits.setdefault(provider, {})[name] = int(text)
    if problems:
        raise Invalid("Please mend the marked fields.", fields=problems)
    return limits
