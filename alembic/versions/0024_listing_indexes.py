"""Indexes in the orders that listings are browsed and searched in.

Revision 0024, after 0023. Migrations stand alone: no import from this project.
"""

from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

INDEXES = {
    'ix_listing_rated': ['state', 'rating_rank', 'id'],
    'ix_listing_shelf': ['state', 'category', 'rating_rank', 'id'],
    'ix_listing_featured': ['state', 'is_featured', 'rating_rank', 'id'],
    'ix_listing_installed': ['state', 'install_count', 'rating_rank', 'id'],
    'ix_listing_new': ['state', 'published_at', 'id'],
    'ix_listing_price': ['state', 'price_cents', 'rating_rank', 'id'],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, 'listing', columns)
    op.create_index('ix_listing_word_weighed', 'listing_word', ['word', 'listing_id', 'weight'])
    op.drop_index('ix_listing_browse', table_name='listing')
    op.drop_index('ix_listing_published_at', table_name='listing')


def downgrade() -> None:
    op.create_index('ix_listing_published_at', 'listing', ['published_at'])
    op.create_index('ix_listing_browse', 'listing', ['state', 'category'])
    op.drop_index('ix_listing_word_weighed', table_name='listing_word')
    for name in INDEXES:
        op.drop_index(name, table_name='listing')
