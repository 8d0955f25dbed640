"""Invoices keep whom they are made out to, from the moment at which they are issued.

Revision 0049, after 0048. Migrations stand alone: no import from this project. Older invoices keep what they have: nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = '0049'
down_revision = '0048'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('invoice', sa.Column('billed_to', sa.String(length=800), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('invoice', 'billed_to')
