"""Receipts and credit notes, the fee of a listing from a day on, and payouts of the gateway to creators' banks.

Revision 0039, after 0038. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)


def _row(*columns: sa.schema.SchemaItem) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', STAMP, nullable=False),
        sa.Column('updated_at', STAMP, nullable=False),
        *columns,
    )


def _owner(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    name = op.f(f'fk_{table}_workspace_id_workspace')
    return (
        sa.Column('workspace_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=name, ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
    )


def upgrade() -> None:
    op.create_table(
        'receipt',
        *_row(
            sa.Column('purchase_id', sa.Uuid(), nullable=False),
            sa.Column('kind', sa.String(length=12), nullable=False),
            sa.Column('number', sa.String(length=40), nullable=False),
            sa.Column('series', sa.String(length=40), nullable=False),
            sa.Column('sequence', sa.Integer(), nullable=False),
            sa.Column('source_event', sa.String(length=160), nullable=False),
            sa.Column('about', sa.String(length=40), nullable=False),
            sa.Column('reason', sa.String(length=80), nullable=False),
            sa.Column('lines', sa.JSON(), nullable=False),
            sa.Column('total_cents', sa.Integer(), nullable=False),
            sa.Column('tax_cents', sa.Integer(), nullable=False),
            sa.Column('currency', sa.String(length=3), nullable=False),
            sa.Column('mode', sa.String(length=8), nullable=False),
            sa.Column('billed_to', sa.String(length=800), nullable=False),
            sa.Column('issued_at', STAMP, nullable=False),
        ),
        *_owner('receipt'),
        sa.ForeignKeyConstraint(['purchase_id'], ['purchase.id'], name=op.f('fk_receipt_purchase_id_purchase'), ondelete='CASCADE'),
        sa.CheckConstraint('total_cents >= 0 AND tax_cents >= 0 AND tax_cents <= total_cents', name=op.f('ck_receipt_sums')),
        sa.UniqueConstraint('series', 'sequence', name=op.f('uq_receipt_series_sequence')),
        sa.UniqueConstraint('number', name=op.f('uq_receipt_number')),
        sa.UniqueConstraint('source_event', name=op.f('uq_receipt_source_event')),
    )
    op.create_index(op.f('ix_receipt_workspace_id'), 'receipt', ['workspace_id'], unique=False)
    op.create_index(op.f('ix_receipt_purchase_id'), 'receipt', ['purchase_id'], unique=False)
    op.create_table(
        'document_series',
        *_row(sa.Column('series', sa.String(length=40), nullable=False), sa.Column('last', sa.Integer(), nullable=False)),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_document_series')),
        sa.UniqueConstraint('series', name=op.f('uq_document_series_series')),
    )
    op.create_table(
        'listing_fee',
        *_row(
            sa.Column('listing_id', sa.Uuid(), nullable=False),
            sa.Column('fee_bps', sa.Integer(), nullable=False),
            sa.Column('starts_at', STAMP, nullable=False),
            sa.Column('set_by', sa.Uuid(), nullable=True),
        ),
        *_owner('listing_fee'),
        sa.CheckConstraint('fee_bps BETWEEN 0 AND 10000', name=op.f('ck_listing_fee_fee')),
        sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_listing_fee_listing_id_listing'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['set_by'], ['user.id'], name=op.f('fk_listing_fee_set_by_user'), ondelete='SET NULL'),
    )
    op.create_index(op.f('ix_listing_fee_workspace_id'), 'listing_fee', ['workspace_id'], unique=False)
    op.create_index('ix_listing_fee_begins', 'listing_fee', ['listing_id', 'starts_at'], unique=False)
    op.create_table(
        'bank_payout',
        *_row(
            sa.Column('gateway_id', sa.String(length=120), nullable=False),
            sa.Column('account_id', sa.String(length=120), nullable=False),
            sa.Column('amount_cents', sa.Integer(), nullable=False),
            sa.Column('currency', sa.String(length=3), nullable=False),
            sa.Column('mode', sa.String(length=8), nullable=False),
            sa.Column('state', sa.String(length=12), nullable=False),
            sa.Column('reason', sa.String(length=500), nullable=False),
            sa.Column('sent_again_as', sa.String(length=120), nullable=False),
        ),
        *_owner('bank_payout'),
        sa.UniqueConstraint('gateway_id', name=op.f('uq_bank_payout_gateway_id')),
    )
    op.create_index(op.f('ix_bank_payout_workspace_id'), 'bank_payout', ['workspace_id'], unique=False)


def downgrade() -> None:
    for table in ('bank_payout', 'listing_fee', 'document_series', 'receipt'):
        op.drop_table(table)
