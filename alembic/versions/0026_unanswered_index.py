"""An index of waiting runs by what started them, so that looking for tests among them does not read every parked run.

Revision 0026, after 0025. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

_IS_WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    op.create_index('ix_run_waiting', 'run', ['trigger'], sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING)


def downgrade() -> None:
    op.drop_index('ix_run_waiting', table_name='run')
