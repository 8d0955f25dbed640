"""What workspaces pay month by month, its invoices, and the plans bought with them.

Revision 0032, after 0031. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('local_subscription',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('mark', sa.String(length=40), nullable=False),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_local_subscription')),
    sa.UniqueConstraint('mark', name=op.f('uq_local_subscription_mark'))
    )
    op.create_table('subscription',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('price_key', sa.String(length=80), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('claim', sa.String(length=80), nullable=True),
    sa.Column('checkout_id', sa.String(length=120), nullable=True),
    sa.Column('checkout_url', sa.String(length=2000), nullable=False),
    sa.Column('subscription_id', sa.String(length=120), nullable=True),
    sa.Column('next_price_key', sa.String(length=80), nullable=False),
    sa.Column('is_cancelled', sa.Boolean(), nullable=False),
    sa.Column('period_end', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('look_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_subscription_amount')),
    sa.ForeignKeyConstraint(['buyer_id'], ['user.id'], name=op.f('fk_subscription_buyer_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_subscription_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_subscription_checkout_id')),
    sa.UniqueConstraint('claim', name=op.f('uq_subscription_claim')),
    sa.UniqueConstraint('subscription_id', name=op.f('uq_subscription_subscription_id'))
    )
    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subscription_buyer_id'), ['buyer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_subscription_look_at'), ['look_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_subscription_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('invoice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('standing_id', sa.Uuid(), nullable=False),
    sa.Column('invoice_id', sa.String(length=120), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('price_key', sa.String(length=80), nullable=False),
    sa.Column('total_cents', sa.Integer(), nullable=False),
    sa.Column('paid_cents', sa.Integer(), nullable=False),
    sa.Column('tax_cents', sa.Integer(), nullable=False),
    sa.Column('refunded_cents', sa.Integer(), nullable=False),
    sa.Column('is_lost', sa.Boolean(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('lines', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('period_start', sa.DateTime(timezone=True), nullable=False),
    sa.Column('period_end', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('payment_id', sa.String(length=120), nullable=False),
    sa.Column('pay_url', sa.String(length=2000), nullable=False),
    sa.CheckConstraint('paid_cents >= 0 AND refunded_cents >= 0 AND refunded_cents <= paid_cents', name=op.f('ck_invoice_paid')),
    sa.ForeignKeyConstraint(['standing_id'], ['subscription.id'], name=op.f('fk_invoice_standing_id_subscription'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_invoice_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('invoice_id', name=op.f('uq_invoice_invoice_id'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoice_standing_id'), ['standing_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoice_workspace_id'), ['workspace_id'], unique=False)

    with op.batch_alter_table('workspace_plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('bought_plan', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('bought_until', sa.DateTime(timezone=True), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('workspace_plan', schema=None) as batch_op:
        batch_op.drop_column('bought_until')
        batch_op.drop_column('bought_plan')

    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invoice_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_invoice_standing_id'))

    op.drop_table('invoice')
    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subscription_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_subscription_look_at'))
        batch_op.drop_index(batch_op.f('ix_subscription_buyer_id'))

    op.drop_table('subscription')
    op.drop_table('local_subscription')
