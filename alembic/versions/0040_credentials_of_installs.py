"""Installs remember which credential of their workspace stands for each that the package names.

Revision 0040, after 0039. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.add_column(sa.Column('credentials', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.drop_column('credentials')
