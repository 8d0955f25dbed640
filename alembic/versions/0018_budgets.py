"""Budgets with what is reserved of them, and how workspaces treat their models.

Revision 0018, after 0017. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('model_policy',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('fallback_models', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('rates', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_model_policy_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_policy')),
    sa.UniqueConstraint('workspace_id', name=op.f('uq_model_policy_workspace_id'))
    )
    with op.batch_alter_table('model_policy', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_model_policy_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('budget',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('scope', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=63), nullable=False),
    sa.Column('period', sa.String(length=8), nullable=False),
    sa.Column('period_start', sa.String(length=10), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('cap_micros', sa.BigInteger(), nullable=True),
    sa.Column('cap_tokens', sa.BigInteger(), nullable=True),
    sa.Column('cap_ms', sa.BigInteger(), nullable=True),
    sa.Column('cap_steps', sa.BigInteger(), nullable=True),
    sa.Column('spent_micros', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('spent_tokens', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('spent_ms', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('spent_steps', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('alerted', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_budget_run_id_run'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_budget_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget')),
    sa.UniqueConstraint('workspace_id', 'scope', 'subject', 'period', name=op.f('uq_budget_workspace_id_scope_subject_period'))
    )
    with op.batch_alter_table('budget', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_budget_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_budget_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('budget_hold',
    sa.Column('budget_id', sa.Uuid(), nullable=False),
    sa.Column('hold_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('micros', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('tokens', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['budget_id'], ['budget.id'], name=op.f('fk_budget_hold_budget_id_budget'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_budget_hold_run_id_run'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('budget_id', 'hold_id', name=op.f('pk_budget_hold'))
    )
    with op.batch_alter_table('budget_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_budget_hold_hold_id'), ['hold_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_budget_hold_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_budget_hold_until'), ['until'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('budget_hold', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_budget_hold_until'))
        batch_op.drop_index(batch_op.f('ix_budget_hold_run_id'))
        batch_op.drop_index(batch_op.f('ix_budget_hold_hold_id'))

    op.drop_table('budget_hold')
    with op.batch_alter_table('budget', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_budget_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_budget_run_id'))

    op.drop_table('budget')
    with op.batch_alter_table('model_policy', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_model_policy_workspace_id'))

    op.drop_table('model_policy')
