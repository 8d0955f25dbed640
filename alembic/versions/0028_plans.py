"""Plans of workspaces, and the tasks of each month.

Revision 0028, after 0027. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_usage',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('tasks', sa.Integer(), nullable=False),
    sa.Column('alerted', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_plan_usage_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_usage')),
    sa.UniqueConstraint('workspace_id', 'period', name=op.f('uq_plan_usage_workspace_id_period'))
    )
    with op.batch_alter_table('plan_usage', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_usage_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('workspace_plan',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('plan', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_workspace_plan_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workspace_plan')),
    sa.UniqueConstraint('workspace_id', name=op.f('uq_workspace_plan_workspace_id'))
    )
    with op.batch_alter_table('workspace_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_workspace_plan_workspace_id'), ['workspace_id'], unique=False)


def downgrade() -> None:
    op.drop_table('workspace_plan')
    op.drop_table('plan_usage')
