"""Installs remember what the agents of their package are called here, so that updates find them.

Revision 0025, after 0024. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agents', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.drop_column('agents')
