"""Children of runs: one per try of a step, what runs below used, and the list of top runs.

Revision 0008, after 0007. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = "0007"
branch_labels = None
depends_on = None

_CHILD = ['parent_run_id', 'parent_node', 'parent_iteration', 'parent_attempt']
_HAS_PARENT = sa.text('parent_run_id IS NOT NULL')
_IS_TOP = sa.text('parent_run_id IS NULL')
_AWAITS_CHILD = sa.text("status = 'waiting' AND reason = 'child'")


def upgrade() -> None:
    op.drop_index('ix_run_parent', table_name='run')
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parent_attempt', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('below_input_tokens', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('below_output_tokens', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('below_cost_micros', sa.Integer(), server_default='0', nullable=False))
    op.create_index('uq_run_child', 'run', _CHILD, unique=True, sqlite_where=_HAS_PARENT, postgresql_where=_HAS_PARENT)
    op.create_index('ix_run_top', 'run', ['workspace_id', 'kind', 'id'], sqlite_where=_IS_TOP, postgresql_where=_IS_TOP)
    op.create_index('ix_step_child', 'step', ['run_id'], sqlite_where=_AWAITS_CHILD, postgresql_where=_AWAITS_CHILD)


def downgrade() -> None:
    op.drop_index('ix_step_child', table_name='step')
    op.drop_index('ix_run_top', table_name='run')
    op.drop_index('uq_run_child', table_name='run')
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_column('below_cost_micros')
        batch_op.drop_column('below_output_tokens')
        batch_op.drop_column('below_input_tokens')
        batch_op.drop_column('parent_attempt')
    op.create_index('ix_run_parent', 'run', ['parent_run_id'], sqlite_where=_HAS_PARENT, postgresql_where=_HAS_PARENT)
