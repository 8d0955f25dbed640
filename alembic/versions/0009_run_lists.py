"""Runs tell what they were given, and how long they only waited.

Revision 0009, after 0008. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('excerpt', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('waited_ms', sa.Float(), server_default='0', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_column('waited_ms')
        batch_op.drop_column('parked_at')
        batch_op.drop_column('excerpt')
