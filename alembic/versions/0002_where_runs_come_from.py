"""Where runs come from: trigger, parent, fork, dry runs.

Revision 0002, after 0001. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fork_seq', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('parent_run_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('parent_node', sa.String(length=63), nullable=True))
        batch_op.add_column(sa.Column('parent_iteration', sa.String(length=120), server_default='', nullable=False))
        batch_op.add_column(sa.Column('depth', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('trigger', sa.String(length=16), server_default='manual', nullable=False))
        batch_op.add_column(sa.Column('trigger_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('is_dry', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index('ix_run_parent', ['parent_run_id'], unique=False, sqlite_where=sa.text('parent_run_id IS NOT NULL'), postgresql_where=sa.text('parent_run_id IS NOT NULL'))
        batch_op.create_index('ix_run_trigger', ['trigger_id', 'id'], unique=False, sqlite_where=sa.text('trigger_id IS NOT NULL'), postgresql_where=sa.text('trigger_id IS NOT NULL'))
        batch_op.create_foreign_key(batch_op.f('fk_run_parent_run_id_run'), 'run', ['parent_run_id'], ['id'], ondelete='SET NULL')
    op.execute("UPDATE run SET trigger = 'chat' WHERE kind = 'chat'")
    op.execute("UPDATE run SET trigger = 'retry' WHERE kind = 'workflow' AND origin_run_id IS NOT NULL")




def downgrade() -> None:
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_run_parent_run_id_run'), type_='foreignkey')
        batch_op.drop_index('ix_run_trigger', sqlite_where=sa.text('trigger_id IS NOT NULL'), postgresql_where=sa.text('trigger_id IS NOT NULL'))
        batch_op.drop_index('ix_run_parent', sqlite_where=sa.text('parent_run_id IS NOT NULL'), postgresql_where=sa.text('parent_run_id IS NOT NULL'))
        batch_op.drop_column('is_dry')
        batch_op.drop_column('trigger_id')
        batch_op.drop_column('trigger')
        batch_op.drop_column('depth')
        batch_op.drop_column('parent_iteration')
        batch_op.drop_column('parent_node')
        batch_op.drop_column('parent_run_id')
        batch_op.drop_column('fork_seq')
