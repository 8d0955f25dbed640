"""Workflows and agents remember the listing they came from.

Revision 0021, after 0020. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('agent', 'workflow'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('origin', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    for table in ('agent', 'workflow'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('origin')
