"""Whose rights say which runs a signal reaches; those that are kept already reach what they did.

Revision 0030, after 0029. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('signal', schema=None) as batch_op:
        batch_op.add_column(sa.Column('acts_for', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('reaches_all', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.create_foreign_key(batch_op.f('fk_signal_acts_for_user'), 'user', ['acts_for'], ['id'], ondelete='SET NULL')


def downgrade() -> None:
    with op.batch_alter_table('signal', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_signal_acts_for_user'), type_='foreignkey')
        batch_op.drop_column('reaches_all')
        batch_op.drop_column('acts_for')
