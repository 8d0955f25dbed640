"""Sign-ups that wait for their letter.

Revision 0029, after 0028. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pending_account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pending_account')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_pending_account_token_hash'))
    )
    with op.batch_alter_table('pending_account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pending_account_expires_at'), ['expires_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('pending_account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pending_account_expires_at'))

    op.drop_table('pending_account')
