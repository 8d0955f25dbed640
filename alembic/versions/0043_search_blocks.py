"""The search index of the marketplace as bits: each listing gets a place, each word and mark its blocks; orders that need no row.

Revision 0043, after 0042. Migrations stand alone: no import from this project.
"""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

PLACES, CHUNK = 4096, 5000
ORDERS = {
    'ix_listing_rated': ['state', 'rating_rank', 'id'],
    'ix_listing_installed': ['state', 'install_count', 'rating_rank', 'id'],
    'ix_listing_new': ['state', 'published_at', 'id'],
    'ix_listing_price': ['state', 'price_cents', 'rating_rank', 'id'],
}
listing = sa.table(
    'listing', sa.column('id', sa.Uuid()), sa.column('state'), sa.column('category'), sa.column('price_cents'), sa.column('rating_count'),
    sa.column('rating_sum'), sa.column('models'), sa.column('needs'), sa.column('place'), sa.column('filed'),
)
word = sa.table('listing_word', sa.column('word'), sa.column('listing_id', sa.Uuid()), sa.column('weight'))
block = sa.table('search_block', sa.column('word'), sa.column('weight'), sa.column('block'), sa.column('bits', sa.LargeBinary()))


def upgrade() -> None:
    op.create_table('search_block',
    sa.Column('word', sa.String(length=48), nullable=False),
    sa.Column('weight', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('block', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bits', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('word', 'weight', 'block', name=op.f('pk_search_block')),
    sqlite_with_rowid=False,
    )
    op.add_column('listing', sa.Column('place', sa.Integer(), nullable=True))
    op.add_column('listing', sa.Column('filed', sa.String(length=4000), server_default='', nullable=False))
    for name, columns in ORDERS.items():
        op.drop_index(name, table_name='listing')
        op.create_index(name, 'listing', [*columns, 'place'])
    op.create_index(
        'ix_listing_cheapest', 'listing', ['state', 'price_cents', sa.text('rating_rank DESC'), sa.text('id DESC'), 'place']
    )
    op.create_index(
        'ix_listing_place', 'listing', ['place', 'state', 'rating_rank', 'install_count', 'published_at', 'price_cents', 'id']
    )
    op.drop_index('ix_listing_word_weighed', table_name='listing_word')
    _file(op.get_bind())


def _file(connection: sa.Connection) -> None:
    blocks: defaultdict[tuple[str, int, int], int] = defaultdict(int)
    shown = sa.select(listing).where(listing.c.state.in_(('live', 'unlisted', 'removed'))).order_by(listing.c.id)
    filed = []
    for place, row in enumerate(connection.execute(shown).all()):
        marks = _marks(row)
        filed.append({'row_id': row.id, 'row_place': place, 'row_filed': ' '.join(sorted(marks))})
        for mark in marks:
            blocks[mark, 0, place // PLACES] |= 1 << place % PLACES
    if not filed:
        return
    blocks[':next', 0, 0] = len(filed)
    _write(connection, blocks)
    values = {'place': sa.bindparam('row_place'), 'filed': sa.bindparam('row_filed')}
    connection.execute(sa.update(listing).where(listing.c.id == sa.bindparam('row_id')).values(values), filed)
    _file_words(connection)


def _file_words(connection: sa.Connection) -> None:
    joined = sa.select(word.c.word, word.c.weight, listing.c.place).join(listing, listing.c.id == word.c.listing_id)
    ordered = joined.where(listing.c.place.is_not(None)).order_by(word.c.word)
    blocks: defaultdict[tuple[str, int, int], int] = defaultdict(int)
    last = ''
    for name, weight, place in connection.execute(ordered, execution_options={'yield_per': CHUNK}):
        if name != last and len(blocks) > CHUNK:
            _write(connection, blocks)
            blocks.clear()
        last = name
        blocks[name, weight, place // PLACES] |= 1 << place % PLACES
    _write(connection, blocks)


def _marks(row: Any) -> set[str]:
    if row.state != 'live':
        return set()
    providers = sorted({name.partition('/')[0][:40] for name in row.models.split()})[:50]  # as many as `filed` has room for
    stars = range(1, row.rating_sum // row.rating_count + 1) if row.rating_count else ()
    return {
        ':live',
        ':paid' if row.price_cents else ':free',
        f':in:{row.category}',
        *(f':stars:{number}' for number in stars),
        *(f':model:{name}' for name in providers),
        *(f':needs:{need}' for need in row.needs.split()),
    }


def _write(connection: sa.Connection, blocks: dict[tuple[str, int, int], int]) -> None:
    rows = [
        {'word': name, 'weight': weight, 'block': number, 'bits': bits.to_bytes((bits.bit_length() + 7) // 8, 'little')}
        for (name, weight, number), bits in blocks.items()
    ]
    if rows:
        connection.execute(sa.insert(block), rows)


def downgrade() -> None:
    op.create_index('ix_listing_word_weighed', 'listing_word', ['word', 'listing_id', 'weight'])
    op.drop_index('ix_listing_place', table_name='listing')
    op.drop_index('ix_listing_cheapest', table_name='listing')
    for name, columns in ORDERS.items():
        op.drop_index(name, table_name='listing')
        op.create_index(name, 'listing', columns)
    op.drop_column('listing', 'filed')
    op.drop_column('listing', 'place')
    op.drop_table('search_block')
