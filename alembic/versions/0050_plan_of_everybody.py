"""Operators choose the plan of workspaces that have no other while the installation runs.

Revision 0050, after 0049. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0050'
down_revision = '0049'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_default',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key', sa.String(length=16), nullable=False),
    sa.Column('plan', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_default')),
    sa.UniqueConstraint('key', name=op.f('uq_plan_default_key'))
    )


def downgrade() -> None:
    op.drop_table('plan_default')
