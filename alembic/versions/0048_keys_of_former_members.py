"""API keys of people who are no members of the workspace any more are revoked, as removal and leaving do from now on.

Revision 0048, after 0047. Migrations stand alone: no import from this project. What was revoked stays so on the way back.
"""

import sqlalchemy as sa
from alembic import op

revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.table('api_key', sa.column('workspace_id'), sa.column('user_id'), sa.column('revoked_at'))
    gone = [
        ~sa.exists().where(table.c.workspace_id == key.c.workspace_id, table.c.user_id == key.c.user_id)
        for table in (sa.table(name, sa.column('workspace_id'), sa.column('user_id')) for name in ('membership', 'closed_membership'))
    ]
    op.execute(sa.update(key).where(key.c.revoked_at.is_(None), *gone).values(revoked_at=sa.func.current_timestamp()))


def downgrade() -> None:
    pass
