"""Messages of outgoing webhooks say which workflow they tell of, so that they are shared as far as it is.

Revision 0033, after 0032. Migrations stand alone: no import from this project.
"""

import json
import uuid

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

BATCH = 500


def upgrade() -> None:
    with op.batch_alter_table('webhook_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('workflow_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_webhook_message_workflow_id'), ['workflow_id'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_webhook_message_workflow_id_workflow'), 'workflow', ['workflow_id'], ['id'], ondelete='SET NULL'
        )
    message = sa.table('webhook_message', sa.column('id', sa.Uuid()), sa.column('run_id', sa.Uuid()),
                       sa.column('workflow_id', sa.Uuid()), sa.column('payload', sa.JSON()))
    run = sa.table('run', sa.column('id', sa.Uuid()), sa.column('workflow_id', sa.Uuid()))
    op.execute(sa.update(message).where(message.c.run_id.is_not(None)).values(
        workflow_id=sa.select(run.c.workflow_id).where(run.c.id == message.c.run_id).scalar_subquery()))
    _fill_from_payloads(message)


def _fill_from_payloads(message: sa.TableClause) -> None:
    """What hangs on no run names its workflow in what is told."""
    connection, after = op.get_bind(), uuid.UUID(int=0)
    workflow = sa.table('workflow', sa.column('id', sa.Uuid()))
    known = set(connection.execute(sa.select(workflow.c.id)).scalars())
    bare = sa.select(message.c.id, message.c.payload).where(message.c.run_id.is_(None)).order_by(message.c.id).limit(BATCH)
    while rows := connection.execute(bare.where(message.c.id > after)).all():
        after = rows[-1].id
        for row in rows:
            named = _workflow_of(row.payload)
            if named in known:
                connection.execute(sa.update(message).where(message.c.id == row.id).values(workflow_id=named))


def _workflow_of(payload: object) -> uuid.UUID | None:
    told = json.loads(payload) if isinstance(payload, str) else payload
    data = told.get('data') if isinstance(told, dict) else None
    try:
        return uuid.UUID(data['workflow_id']) if isinstance(data, dict) else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def downgrade() -> None:
    with op.batch_alter_table('webhook_message', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_webhook_message_workflow_id_workflow'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_webhook_message_workflow_id'))
        batch_op.drop_column('workflow_id')
