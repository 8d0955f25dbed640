"""How long entries are kept: a month or a year, as the owner says; older ones go, provably by the product."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.core.audit import record
from app.core.audit_chain import KEPT_DAYS, entry_table, head_table, lock_head, open_key, proof_of
from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.ports import SealBroken, SecretBox
from app.core.uow import UnitOfWork
from app.services.audit.reading import list_entries
from app.views.audit import AuditPage

CHOICES = (30, KEPT_DAYS)
PAGE = 2000


def set_retention(uow: UnitOfWork, *, days: object) -> AuditPage:
    """Keep entries for 30 or 365 days."""
    require(uow, Permission.MANAGE_WORKSPACE)
    if isinstance(days, bool) or days not in CHOICES:
        raise Invalid("Choose 30 or 365 days.", fields={"days": "Choose 30 or 365."})
    connection = uow.session.connection()
    head = lock_head(connection, uow.ports.box, uow.workspace_id)
    is_it = head_table.c.workspace_id == uow.workspace_id
    connection.execute(sa.update(head_table).where(is_it).values(retention_days=days))
    uow.session.expire_all()
    record(uow.trail, kind="audit trail", changes={"retention_days": [head.retention_days, days]})
    return list_entries(uow)


def has_old(connection: sa.Connection, now: datetime) -> bool:
    """Whether anything is past its time; reads only."""
    return bool(_overdue(connection, now))


def forget_old_entries(connection: sa.Connection, box: SecretBox, now: datetime) -> int:
    """Remove a page of what is past its time, workspace by workspace, and leave proof that it was us."""
    return sum(_prune(connection, box, workspace_id, now) for workspace_id in _overdue(connection, now))


def _overdue(connection: sa.Connection, now: datetime) -> list[uuid.UUID]:
    e, h = entry_table.c, head_table.c
    query = sa.select(h.workspace_id).join(entry_table, sa.and_(e.workspace_id == h.workspace_id, e.seq == h.first_seq))
    found = [sa.and_(h.retention_days == days, e.at < now - timedelta(days=days)) for days in CHOICES]
    return list(connection.execute(query.where(sa.or_(*found)).limit(100)).scalars())


def _prune(connection: sa.Connection, box: SecretBox, workspace_id: uuid.UUID, now: datetime) -> int:
    head = lock_head(connection, box, workspace_id)
    e = entry_table.c
    before = now - timedelta(days=head.retention_days)
    old = sa.select(e.seq, e.mac, e.at).where(e.workspace_id == workspace_id).order_by(e.seq).limit(PAGE)
    gone = []
    for row in connection.execute(old):
        if row.at >= before or row.seq == head.last_seq:  # the last one stays: the chain must end somewhere
            break
        gone.append(row)
    if not gone:
        return 0
    try:
        key = open_key(box, head)
    except SealBroken:
        return 0
    first_seq, first_mac = gone[-1].seq + 1, gone[-1].mac
    connection.execute(sa.delete(entry_table).where(e.workspace_id == workspace_id, e.seq < first_seq))
    values = {"first_seq": first_seq, "first_mac": first_mac, "first_proof": proof_of(key, workspace_id, first_seq, first_mac)}
    connection.execute(sa.update(head_table).where(head_table.c.workspace_id == workspace_id).values(values))
    return len(gone)
