"""Pictures of listings; which letters a person has stopped, and the way to stop a letter on the letter.

Revision 0041, after 0040. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('picture',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_picture_created_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_picture_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_picture_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture'))
    )
    with op.batch_alter_table('picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_picture_listing_id'), ['listing_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_picture_workspace_id'), ['workspace_id'], unique=False)
    op.create_table('letter_stop',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_letter_stop_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_stop')),
    sa.UniqueConstraint('user_id', 'kind', name=op.f('uq_letter_stop_user_id_kind'))
    )
    op.add_column('mail', sa.Column('stop_url', sa.String(length=400), server_default='', nullable=False))
    op.add_column('listing', sa.Column('pictures', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column('listing', 'pictures')
    op.drop_column('mail', 'stop_url')
    op.drop_table('letter_stop')
    op.drop_table('picture')
