"""Listings that are paid month by month: what is ordered of them, who shares in an invoice, and copies that run while it lasts.

Revision 0036, after 0035. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_rented', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('seller_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('fee_bps', sa.Integer(), server_default='10000', nullable=False))
        batch_op.create_check_constraint(batch_op.f('ck_invoice_fee'), 'fee_bps BETWEEN 0 AND 10000')
        batch_op.create_index(batch_op.f('ix_invoice_seller_id'), ['seller_id'], unique=False)

    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_monthly', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.add_column(sa.Column('listing_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('version_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('seller_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.String(length=40), server_default='', nullable=False))
        batch_op.add_column(sa.Column('paid_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_subscription_listing_id'), ['listing_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_subscription_seller_id'), ['seller_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_subscription_version_id'), ['version_id'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_subscription_version_id_listing_version'), 'listing_version', ['version_id'], ['id'], ondelete='SET NULL'
        )
        batch_op.create_foreign_key(batch_op.f('fk_subscription_listing_id_listing'), 'listing', ['listing_id'], ['id'], ondelete='SET NULL')


def downgrade() -> None:
    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_subscription_listing_id_listing'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_subscription_version_id_listing_version'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_subscription_version_id'))
        batch_op.drop_index(batch_op.f('ix_subscription_seller_id'))
        batch_op.drop_index(batch_op.f('ix_subscription_listing_id'))
        batch_op.drop_column('paid_until')
        batch_op.drop_column('version')
        batch_op.drop_column('seller_id')
        batch_op.drop_column('version_id')
        batch_op.drop_column('listing_id')

    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_column('is_monthly')

    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invoice_seller_id'))
        batch_op.drop_constraint(batch_op.f('ck_invoice_fee'), type_='check')
        batch_op.drop_column('fee_bps')
        batch_op.drop_column('seller_id')

    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.drop_column('is_rented')
