"""Steps that wait for a signal may ignore those that were sent before.

Revision 0017, after 0014. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('signal_wait', schema=None) as batch_op:
        batch_op.add_column(sa.Column('not_before', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('signal_wait', schema=None) as batch_op:
        batch_op.drop_column('not_before')
