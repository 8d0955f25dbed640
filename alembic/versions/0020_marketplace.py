"""The marketplace: listings and their versions, purchases, the ledger, payouts, installs and reviews.

Revision 0020, after 0019. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


KEPT = ('ledger_entry', 'listing_version')  # rows that nobody changes; the ledger's are not deleted either


def keep_rows() -> None:
    """The database itself refuses to change what was booked or published."""
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    if not is_sqlite:
        op.execute("CREATE FUNCTION af_keep_row() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END $$")
    for table in KEPT:
        for verb in ('UPDATE', 'DELETE') if table == 'ledger_entry' else ('UPDATE',):
            name = f'{table}_no_{verb.lower()}'
            if is_sqlite:
                op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                           f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END")
            else:
                op.execute(f'CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION af_keep_row()')


def upgrade() -> None:
    op.create_table('ledger_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('source_event', sa.String(length=160), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('debit_account', sa.String(length=80), nullable=False),
    sa.Column('credit_account', sa.String(length=80), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('purchase_id', sa.Uuid(), nullable=True),
    sa.Column('available_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_ledger_entry_positive')),
    sa.CheckConstraint('debit_account <> credit_account', name=op.f('ck_ledger_entry_two_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('source_event', 'kind', name=op.f('uq_ledger_entry_source_event_kind'))
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_entry_credit', ['credit_account', 'mode', 'created_at'], unique=False)
        batch_op.create_index('ix_ledger_entry_debit', ['debit_account', 'mode', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_purchase_id'), ['purchase_id'], unique=False)

    op.create_table('local_payment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checkout_id', sa.String(length=120), nullable=False),
    sa.Column('payment_id', sa.String(length=120), nullable=False),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_local_payment')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_local_payment_checkout_id'))
    )
    with op.batch_alter_table('local_payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_local_payment_payment_id'), ['payment_id'], unique=False)

    op.create_table('payment_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event_id', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_event')),
    sa.UniqueConstraint('event_id', name=op.f('uq_payment_event_event_id'))
    )
    op.create_table('search_typo',
    sa.Column('variant', sa.String(length=40), nullable=False),
    sa.Column('word', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('variant', 'word', name=op.f('pk_search_typo'))
    )
    op.create_table('payout',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('account_id', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('claim', sa.String(length=60), nullable=True),
    sa.Column('transfer_id', sa.String(length=120), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('requested_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_payout_amount')),
    sa.ForeignKeyConstraint(['requested_by'], ['user.id'], name=op.f('fk_payout_requested_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_payout_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout')),
    sa.UniqueConstraint('claim', name=op.f('uq_payout_claim'))
    )
    with op.batch_alter_table('payout', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payout_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('payout_account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.String(length=120), nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('is_ready', sa.Boolean(), nullable=False),
    sa.Column('claim', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_payout_account_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_account')),
    sa.UniqueConstraint('account_id', name=op.f('uq_payout_account_account_id')),
    sa.UniqueConstraint('claim', name=op.f('uq_payout_account_claim'))
    )
    with op.batch_alter_table('payout_account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payout_account_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('listing',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('tagline', sa.String(length=200), nullable=False),
    sa.Column('description', sa.String(length=20000), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('icon', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('price_cents', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('fee_bps', sa.Integer(), nullable=False),
    sa.Column('creator', sa.String(length=120), nullable=False),
    sa.Column('is_featured', sa.Boolean(), nullable=False),
    sa.Column('workflow_id', sa.Uuid(), nullable=True),
    sa.Column('version_id', sa.Uuid(), nullable=True),
    sa.Column('models', sa.String(length=2000), nullable=False),
    sa.Column('needs', sa.String(length=200), nullable=False),
    sa.Column('install_count', sa.Integer(), nullable=False),
    sa.Column('view_count', sa.Integer(), nullable=False),
    sa.Column('rating_count', sa.Integer(), nullable=False),
    sa.Column('rating_sum', sa.Integer(), nullable=False),
    sa.Column('rating_rank', sa.Float(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('fee_bps BETWEEN 0 AND 10000', name=op.f('ck_listing_fee')),
    sa.CheckConstraint('price_cents >= 0', name=op.f('ck_listing_price')),
    sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_listing_created_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflow.id'], name=op.f('fk_listing_workflow_id_workflow'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_listing_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing')),
    sa.UniqueConstraint('slug', name=op.f('uq_listing_slug'))
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.create_index('ix_listing_browse', ['state', 'category'], unique=False)
        batch_op.create_index(batch_op.f('ix_listing_published_at'), ['published_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_listing_workflow_id'), ['workflow_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_listing_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('listing_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('changelog', sa.String(length=4000), nullable=False),
    sa.Column('licence', sa.String(length=40), nullable=False),
    sa.Column('bundle', sa.Text(), nullable=False),
    sa.Column('manifest', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('samples', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('signature', sa.String(length=128), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_listing_version_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_listing_version_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_version')),
    sa.UniqueConstraint('listing_id', 'number', name=op.f('uq_listing_version_listing_id_number'))
    )
    with op.batch_alter_table('listing_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_listing_version_listing_id'), ['listing_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_listing_version_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('listing_word',
    sa.Column('word', sa.String(length=40), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_listing_word_listing_id_listing'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('word', 'listing_id', name=op.f('pk_listing_word'))
    )
    with op.batch_alter_table('listing_word', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_listing_word_listing_id'), ['listing_id'], unique=False)

    op.create_table('review',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('author', sa.String(length=120), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=4000), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('reply', sa.String(length=4000), nullable=False),
    sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('helpful_count', sa.Integer(), nullable=False),
    sa.Column('report_count', sa.Integer(), nullable=False),
    sa.Column('is_hidden', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.CheckConstraint('stars BETWEEN 1 AND 5', name=op.f('ck_review_stars')),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_review_author_id_user'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_review_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_review_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('listing_id', 'author_id', name=op.f('uq_review_listing_id_author_id'))
    )
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_listing_id'), ['listing_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('install',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('workflow_ids', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('installed_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['installed_by'], ['user.id'], name=op.f('fk_install_installed_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_install_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['listing_version.id'], name=op.f('fk_install_version_id_listing_version'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_install_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_install')),
    sa.UniqueConstraint('workspace_id', 'listing_id', name=op.f('uq_install_workspace_id_listing_id'))
    )
    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_install_listing_id'), ['listing_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_install_version_id'), ['version_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_install_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('purchase',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=True),
    sa.Column('listing_id', sa.Uuid(), nullable=True),
    sa.Column('version_id', sa.Uuid(), nullable=True),
    sa.Column('seller_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('fee_bps', sa.Integer(), nullable=False),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('claim', sa.String(length=80), nullable=True),
    sa.Column('checkout_id', sa.String(length=120), nullable=True),
    sa.Column('checkout_url', sa.String(length=2000), nullable=False),
    sa.Column('payment_id', sa.String(length=120), nullable=True),
    sa.Column('refunded_cents', sa.Integer(), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_cents >= 0', name=op.f('ck_purchase_amount')),
    sa.CheckConstraint('refunded_cents >= 0 AND refunded_cents <= amount_cents', name=op.f('ck_purchase_refunded')),
    sa.ForeignKeyConstraint(['buyer_id'], ['user.id'], name=op.f('fk_purchase_buyer_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_purchase_listing_id_listing'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['version_id'], ['listing_version.id'], name=op.f('fk_purchase_version_id_listing_version'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_purchase_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purchase')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_purchase_checkout_id')),
    sa.UniqueConstraint('claim', name=op.f('uq_purchase_claim')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_purchase_payment_id'))
    )
    with op.batch_alter_table('purchase', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_purchase_buyer_id'), ['buyer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_purchase_listing_id'), ['listing_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_purchase_seller_id'), ['seller_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_purchase_version_id'), ['version_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_purchase_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('review_vote',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('review_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_vote_review_id_review'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_review_vote_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_vote')),
    sa.UniqueConstraint('review_id', 'user_id', 'kind', name=op.f('uq_review_vote_review_id_user_id_kind'))
    )
    with op.batch_alter_table('review_vote', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_vote_review_id'), ['review_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_vote_user_id'), ['user_id'], unique=False)

    keep_rows()


def downgrade() -> None:
    with op.batch_alter_table('review_vote', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_vote_user_id'))
        batch_op.drop_index(batch_op.f('ix_review_vote_review_id'))

    op.drop_table('review_vote')
    with op.batch_alter_table('purchase', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_purchase_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_purchase_version_id'))
        batch_op.drop_index(batch_op.f('ix_purchase_seller_id'))
        batch_op.drop_index(batch_op.f('ix_purchase_listing_id'))
        batch_op.drop_index(batch_op.f('ix_purchase_buyer_id'))

    op.drop_table('purchase')
    with op.batch_alter_table('install', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_install_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_install_version_id'))
        batch_op.drop_index(batch_op.f('ix_install_listing_id'))

    op.drop_table('install')
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_review_listing_id'))
        batch_op.drop_index(batch_op.f('ix_review_author_id'))

    op.drop_table('review')
    with op.batch_alter_table('listing_word', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_listing_word_listing_id'))

    op.drop_table('listing_word')
    with op.batch_alter_table('listing_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_listing_version_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_listing_version_listing_id'))

    op.drop_table('listing_version')
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_listing_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_listing_workflow_id'))
        batch_op.drop_index(batch_op.f('ix_listing_published_at'))
        batch_op.drop_index('ix_listing_browse')

    op.drop_table('listing')
    with op.batch_alter_table('payout_account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payout_account_workspace_id'))

    op.drop_table('payout_account')
    with op.batch_alter_table('payout', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payout_workspace_id'))

    op.drop_table('payout')
    op.drop_table('search_typo')
    op.drop_table('payment_event')
    with op.batch_alter_table('local_payment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_local_payment_payment_id'))

    op.drop_table('local_payment')
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_entry_purchase_id'))
        batch_op.drop_index('ix_ledger_entry_debit')
        batch_op.drop_index('ix_ledger_entry_credit')

    op.drop_table('ledger_entry')
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('DROP FUNCTION af_keep_row()')
