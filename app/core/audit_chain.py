"""The chain behind the audit trail: each entry carries an HMAC over itself and the one before, under a key of its workspace.

The head row is the lock under which a chain grows, on both databases; its key is sealed with the installation's, so that
whoever can write the tables alone can neither change, remove nor reorder an entry unnoticed.
"""

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from app.core.bulk import insert_into
from app.core.ports import SealBroken, SecretBox
from models.audit import AuditEntry, AuditHead
from models.ids import new_id

entry_table: sa.Table = AuditEntry.__table__  # type: ignore[attr-defined]
head_table: sa.Table = AuditHead.__table__  # type: ignore[attr-defined]
SIGNED = (
    "seq", "at", "actor_id", "actor_name", "actor_kind", "via", "address",
    "action", "outcome", "kind", "resource_id", "name", "changes", "note",
)  # fmt: skip
KEPT_DAYS = 365


def key_context(workspace_id: uuid.UUID) -> str:
    """What the key of a chain is sealed to."""
    return f"audit:{workspace_id}"


def open_key(box: SecretBox, head: Any) -> bytes:
    """The key of a chain; raises SealBroken."""
    return bytes.fromhex(box.open(head.key_sealed, context=key_context(head.workspace_id)).decode())


def mac_of(key: bytes, workspace_id: uuid.UUID, before: str, entry: Mapping[str, Any]) -> str:
    """What seals an entry to the one before."""
    signed = {name: _text(entry[name]) for name in SIGNED}
    text = json.dumps([str(workspace_id), before, signed], sort_keys=True, separators=(",", ":"), default=str)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def proof_of(key: bytes, workspace_id: uuid.UUID, first_seq: int, first_mac: str) -> str:
    """What shows that the product itself removed everything before `first_seq`."""
    return hmac.new(key, f"kept from:{workspace_id}:{first_seq}:{first_mac}".encode(), hashlib.sha256).hexdigest()


def lock_head(connection: sa.Connection, box: SecretBox, workspace_id: uuid.UUID) -> Any:
    """The head of a workspace's chain, locked until the transaction ends; made at the first entry."""
    query = sa.select(head_table).where(head_table.c.workspace_id == workspace_id).with_for_update()
    head = connection.execute(query).first()
    if head is None:
        sealed = box.seal(secrets.token_bytes(32).hex().encode(), context=key_context(workspace_id))
        values = {"workspace_id": workspace_id, "key_sealed": sealed, "first_seq": 1, "last_seq": 0, "retention_days": KEPT_DAYS}
        blank = {"first_mac": "", "first_proof": "", "last_mac": ""}
        connection.execute(insert_into(connection, head_table).values(**values, **blank).on_conflict_do_nothing())
        head = connection.execute(query).one()
    return head


def append(connection: sa.Connection, box: SecretBox, workspace_id: uuid.UUID, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add entries in order; each has every name of SIGNED but `seq`."""
    head = lock_head(connection, box, workspace_id)
    try:
        key = open_key(box, head)
    except SealBroken:  # the installation lost its key: go on with another, and let the verification tell of it
        key = secrets.token_bytes(32)
        sealed = box.seal(key.hex().encode(), context=key_context(workspace_id))
        is_it = head_table.c.workspace_id == workspace_id
        connection.execute(sa.update(head_table).where(is_it).values(key_sealed=sealed))
    seq, mac = int(head.last_seq), str(head.last_mac)
    rows: list[dict[str, Any]] = []
    for entry in entries:
        seq += 1
        row = {**entry, "seq": seq}
        mac = mac_of(key, workspace_id, mac, row)
        stamps = {"created_at": row["at"], "updated_at": row["at"]}
        rows.append({**row, **stamps, "id": new_id(), "workspace_id": workspace_id, "mac": mac})
    connection.execute(sa.insert(entry_table), rows)
    connection.execute(sa.update(head_table).where(head_table.c.workspace_id == workspace_id).values(last_seq=seq, last_mac=mac))


def _text(value: Any) -> Any:
    """One spelling for what databases return in several."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, uuid.UUID) else value
