"""Versions that come out are told by letter to who has an earlier one.

Revision 0052, after 0051. Migrations stand alone: no import from this project. Versions that are out already are not told.
"""

import sqlalchemy as sa
from alembic import op

revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('listing_release',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('told_to', sa.Uuid(), nullable=True),
    sa.Column('is_telling', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_listing_release_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['listing_version.id'], name=op.f('fk_listing_release_version_id_listing_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_release')),
    sa.UniqueConstraint('version_id', name=op.f('uq_listing_release_version_id'))
    )
    with op.batch_alter_table('listing_release', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_listing_release_is_telling'), ['is_telling'], unique=False)
        batch_op.create_index(batch_op.f('ix_listing_release_listing_id'), ['listing_id'], unique=False)
    op.create_index('ix_install_walk', 'install', ['listing_id', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_install_walk', table_name='install')
    op.drop_table('listing_release')
