"""Plans and runs say which sealed version of a listing they are of; what is sealed stays so when its listing goes, hence no foreign key.

Revision 0034, after 0033. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sealed_by', sa.Uuid(), nullable=True))
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sealed_by', sa.Uuid(), nullable=True))


def downgrade() -> None:
    # Without the column everybody of the workspace could read what was sealed: it goes, with all that hangs on it.
    run = sa.table('run', sa.column('id', sa.Uuid()), sa.column('sealed_by', sa.Uuid()))
    plan = sa.table('plan', sa.column('id', sa.Uuid()), sa.column('sealed_by', sa.Uuid()))
    op.execute(sa.delete(run).where(run.c.sealed_by.is_not(None)))
    op.execute(sa.delete(plan).where(plan.c.sealed_by.is_not(None)))
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_column('sealed_by')
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.drop_column('sealed_by')
