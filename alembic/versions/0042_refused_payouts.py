"""How often the gateway refused to send a payout to a bank again: each attempt after a refusal is a new one.

Revision 0042, after 0041. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('bank_payout', sa.Column('refusals', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('bank_payout', 'refusals')
