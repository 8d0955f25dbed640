"""When a listing's seller last got a letter about a review of one person.

Revision 0044, after 0043. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('review_letter',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_review_letter_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_review_letter_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_letter')),
    sa.UniqueConstraint('listing_id', 'user_id', name=op.f('uq_review_letter_listing_id_user_id'))
    )
    with op.batch_alter_table('review_letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_letter_user_id'), ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_table('review_letter')
