"""Coupons and the orders that use them; what came in for an order, and the tax in it.

Revision 0038, after 0036. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'coupon',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('workspace_id', sa.Uuid(), nullable=False),
        sa.Column('listing_id', sa.Uuid(), nullable=True),
        sa.Column('code', sa.String(length=40), nullable=False),
        sa.Column('percent', sa.Integer(), nullable=False),
        sa.Column('amount_cents', sa.Integer(), nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('most_uses', sa.Integer(), nullable=True),
        sa.Column('use_count', sa.Integer(), nullable=False),
        sa.Column('months', sa.Integer(), nullable=False),
        sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('is_active', sa.Boolean(), nullable=False),
        sa.CheckConstraint('percent BETWEEN 0 AND 100 AND amount_cents >= 0', name=op.f('ck_coupon_discount')),
        sa.CheckConstraint('(percent = 0) <> (amount_cents = 0)', name=op.f('ck_coupon_one_discount')),
        sa.CheckConstraint('use_count >= 0', name=op.f('ck_coupon_use_count')),
        sa.CheckConstraint('months >= 0', name=op.f('ck_coupon_months')),
        sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_coupon_listing_id_listing'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_coupon_workspace_id_workspace'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_coupon')),
        sa.UniqueConstraint('workspace_id', 'code', name=op.f('uq_coupon_workspace_id_code')),
    )
    op.create_index(op.f('ix_coupon_workspace_id'), 'coupon', ['workspace_id'], unique=False)
    op.create_index(op.f('ix_coupon_listing_id'), 'coupon', ['listing_id'], unique=False)
    op.create_table(
        'coupon_use',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('workspace_id', sa.Uuid(), nullable=False),
        sa.Column('coupon_id', sa.Uuid(), nullable=True),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('state', sa.String(length=10), nullable=False),
        sa.Column('claim', sa.String(length=80), nullable=True),
        sa.Column('person_claim', sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(['coupon_id'], ['coupon.id'], name=op.f('fk_coupon_use_coupon_id_coupon'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_coupon_use_workspace_id_workspace'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_coupon_use')),
        sa.UniqueConstraint('claim', name=op.f('uq_coupon_use_claim')),
        sa.UniqueConstraint('person_claim', name=op.f('uq_coupon_use_person_claim')),
        sa.UniqueConstraint('order_id', name=op.f('uq_coupon_use_order_id')),
    )
    op.create_index(op.f('ix_coupon_use_workspace_id'), 'coupon_use', ['workspace_id'], unique=False)
    op.create_index(op.f('ix_coupon_use_coupon_id'), 'coupon_use', ['coupon_id'], unique=False)

    with op.batch_alter_table('purchase', schema=None) as batch_op:
        batch_op.add_column(sa.Column('discount_cents', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('coupon_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('coupon_code', sa.String(length=40), server_default='', nullable=False))
        batch_op.add_column(sa.Column('paid_cents', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('tax_cents', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('billed_to', sa.String(length=600), server_default='', nullable=False))
    op.execute('UPDATE purchase SET paid_cents = amount_cents WHERE paid_at IS NOT NULL')
    with op.batch_alter_table('purchase', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_purchase_refunded'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_purchase_refunded'), 'refunded_cents >= 0 AND refunded_cents <= paid_cents')
        batch_op.create_check_constraint(batch_op.f('ck_purchase_tax'), 'tax_cents >= 0 AND tax_cents <= paid_cents')
        batch_op.create_check_constraint(batch_op.f('ck_purchase_discount'), 'discount_cents >= 0')
        batch_op.create_index(batch_op.f('ix_purchase_coupon_id'), ['coupon_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_purchase_coupon_id_coupon'), 'coupon', ['coupon_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.add_column(sa.Column('discount_cents', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('discount_months', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('coupon_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('coupon_code', sa.String(length=40), server_default='', nullable=False))
        batch_op.create_index(batch_op.f('ix_subscription_coupon_id'), ['coupon_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_subscription_coupon_id_coupon'), 'coupon', ['coupon_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('discount_cents', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_column('discount_cents')

    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_subscription_coupon_id_coupon'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_subscription_coupon_id'))
        batch_op.drop_column('coupon_code')
        batch_op.drop_column('coupon_id')
        batch_op.drop_column('discount_months')
        batch_op.drop_column('discount_cents')

    with op.batch_alter_table('purchase', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_purchase_coupon_id_coupon'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_purchase_coupon_id'))
        batch_op.drop_constraint(batch_op.f('ck_purchase_discount'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_purchase_tax'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_purchase_refunded'), type_='check')
    op.execute('UPDATE purchase SET refunded_cents = amount_cents WHERE refunded_cents > amount_cents')
    with op.batch_alter_table('purchase', schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_purchase_refunded'), 'refunded_cents >= 0 AND refunded_cents <= amount_cents')
        batch_op.drop_column('billed_to')
        batch_op.drop_column('tax_cents')
        batch_op.drop_column('paid_cents')
        batch_op.drop_column('coupon_code')
        batch_op.drop_column('coupon_id')
        batch_op.drop_column('discount_cents')

    op.drop_table('coupon_use')
    op.drop_table('coupon')
