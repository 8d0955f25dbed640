"""Signals, each kept until one step takes it, and the steps that wait for one.

Revision 0010, after 0009. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

_IS_KEPT = sa.text('consumed_at IS NULL')


def upgrade() -> None:
    op.create_table('signal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('value', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('message_id', sa.String(length=300), nullable=True),
    sa.Column('sent_by', sa.Uuid(), nullable=True),
    sa.Column('sent_by_run', sa.Uuid(), nullable=True),
    sa.Column('consumed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('consumed_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['consumed_by'], ['run.id'], name=op.f('fk_signal_consumed_by_run'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_signal_run_id_run'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sent_by'], ['user.id'], name=op.f('fk_signal_sent_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['sent_by_run'], ['run.id'], name=op.f('fk_signal_sent_by_run_run'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_signal_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signal')),
    sa.UniqueConstraint('workspace_id', 'message_id', name=op.f('uq_signal_workspace_id_message_id'))
    )
    with op.batch_alter_table('signal', schema=None) as batch_op:
        batch_op.create_index('ix_signal_kept', ['workspace_id', 'key', 'id'], unique=False, sqlite_where=_IS_KEPT, postgresql_where=_IS_KEPT)
        batch_op.create_index(batch_op.f('ix_signal_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_signal_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('signal_wait',
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('node', sa.String(length=63), nullable=False),
    sa.Column('iteration', sa.String(length=120), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_signal_wait_run_id_run'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_signal_wait_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'node', 'iteration', name=op.f('pk_signal_wait'))
    )
    with op.batch_alter_table('signal_wait', schema=None) as batch_op:
        batch_op.create_index('ix_signal_wait_key', ['workspace_id', 'key'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('signal_wait', schema=None) as batch_op:
        batch_op.drop_index('ix_signal_wait_key')

    op.drop_table('signal_wait')
    with op.batch_alter_table('signal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signal_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_signal_run_id'))
        batch_op.drop_index('ix_signal_kept', sqlite_where=_IS_KEPT, postgresql_where=_IS_KEPT)

    op.drop_table('signal')
