"""Proves a chain, or says where it was touched: an entry edited, one removed, two exchanged, the end cut off, the head put back."""

import hmac
import uuid
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from app.core.audit_chain import entry_table, head_table, mac_of, open_key, proof_of
from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.ports import SealBroken
from app.core.uow import UnitOfWork
from app.views.audit import AuditProblem, AuditVerdict
from models.workspace import Workspace

PAGE = 1000
MOST_TOLD = 50


def check_chain(uow: UnitOfWork, *, expected_head: object = "") -> AuditVerdict:
    """Verify the chain of the actor's workspace; `expected_head` is one that was kept elsewhere, SEQ:MAC."""
    require(uow, Permission.READ_AUDIT)
    if not isinstance(expected_head, str):
        raise Invalid("Give the head as it was kept, SEQ:MAC.", fields={"expected_head": "Give the head as it was kept, SEQ:MAC."})
    return verify_chain(uow, workspace_id=uow.workspace_id, expected_head=expected_head)


def verify_chain(uow: UnitOfWork, *, workspace_id: uuid.UUID, expected_head: str = "") -> AuditVerdict:
    """The same for whoever has a shell on the machine."""
    connection = uow.session.connection()
    name = connection.execute(sa.select(Workspace.__table__.c.name).where(Workspace.__table__.c.id == workspace_id)).scalar()  # type: ignore[attr-defined]
    head = connection.execute(sa.select(head_table).where(head_table.c.workspace_id == workspace_id)).first()
    count = connection.execute(sa.select(sa.func.count()).where(entry_table.c.workspace_id == workspace_id)).scalar_one()
    if head is None:
        found = [_lost_head(count)] if count else []
        return AuditVerdict(str(workspace_id), str(name or ""), count, 0, 0, "", tuple(found))
    problems = list(_problems(connection, uow, head, expected_head))[:MOST_TOLD]
    sign = f"{head.last_seq}:{head.last_mac}"
    return AuditVerdict(str(workspace_id), str(name or ""), count, head.first_seq, head.last_seq, sign, tuple(problems))


def _lost_head(count: int) -> AuditProblem:
    return AuditProblem(0, "head", f"There are {count} entries but no head. Somebody removed it.")


def _problems(connection: sa.Connection, uow: UnitOfWork, head: Any, expected: str) -> Iterator[AuditProblem]:
    try:
        key = open_key(uow.ports.box, head)
    except SealBroken as error:
        yield AuditProblem(0, "key", f"The key of this chain cannot be opened: {error}. Give the earlier secret in AF_OLD_SECRET_KEYS.")
        return
    if head.first_seq > 1 and not _is_same(proof_of(key, head.workspace_id, head.first_seq, head.first_mac), head.first_proof):
        yield AuditProblem(head.first_seq, "pruned", f"Entries before {head.first_seq} were not removed by the product.")
    seq, mac = head.first_seq - 1, head.first_mac
    wanted_seq, wanted_mac = _sign(expected)
    is_seen = wanted_seq in (0, seq) or wanted_seq < head.first_seq
    for row in _entries(connection, head.workspace_id):
        if row.seq != seq + 1:
            which = f"Entry {seq + 1} is" if row.seq == seq + 2 else f"Entries {seq + 1} to {row.seq - 1} are"
            yield AuditProblem(row.seq, "removed", f"{which} missing." if row.seq > seq else f"Entry {row.seq} stands twice.")
        elif not _is_same(mac_of(key, head.workspace_id, mac, row._mapping), row.mac):
            yield AuditProblem(row.seq, "edited", f"Entry {row.seq} is not as it was written, or not at its place.")
        if row.seq == wanted_seq:
            is_seen = True
            if not _is_same(row.mac, wanted_mac):
                yield AuditProblem(row.seq, "edited", f"Entry {row.seq} is another one than the head that was kept elsewhere says.")
        seq, mac = row.seq, row.mac
    if (seq, mac) != (head.last_seq, head.last_mac):
        yield AuditProblem(head.last_seq, "truncated", f"The chain ends at {seq}, but was written up to {head.last_seq}.")
    if not is_seen:
        text = f"The chain reached {wanted_seq} when its head was kept elsewhere; now it ends at {seq}."
        yield AuditProblem(wanted_seq, "truncated", text)


def _entries(connection: sa.Connection, workspace_id: uuid.UUID) -> Iterator[Any]:
    """Page by page, so that a year of entries needs no more memory than a day."""
    after = -1
    while True:
        page = sa.select(entry_table).where(entry_table.c.workspace_id == workspace_id, entry_table.c.seq > after)
        rows = connection.execute(page.order_by(entry_table.c.seq).limit(PAGE)).all()
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].seq


def _sign(text: str) -> tuple[int, str]:
    number, _, mac = text.partition(":")
    return (int(number), mac) if number.isdecimal() and len(number) < 12 else (0, "")


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
