"""How creators show themselves: a public name, a text, a link and a picture.

Revision 0051, after 0050. Migrations stand alone: no import from this project. Nobody has a profile before, and all looks as it did.
"""

import sqlalchemy as sa
from alembic import op

revision = '0051'
down_revision = '0050'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('creator',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('name_key', sa.String(length=200), nullable=True),
    sa.Column('about', sa.String(length=500), nullable=False),
    sa.Column('website', sa.String(length=200), nullable=False),
    sa.Column('picture_id', sa.Uuid(), nullable=True),
    sa.Column('cleared_reason', sa.String(length=1000), nullable=False),
    sa.ForeignKeyConstraint(['picture_id'], ['picture.id'], name=op.f('fk_creator_picture_id_picture'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_creator_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_creator')),
    sa.UniqueConstraint('name_key', name=op.f('uq_creator_name_key')),
    sa.UniqueConstraint('workspace_id', name=op.f('uq_creator_workspace_id'))
    )
    with op.batch_alter_table('creator', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_creator_picture_id'), ['picture_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_creator_workspace_id'), ['workspace_id'], unique=False)


def downgrade() -> None:
    op.drop_table('creator')
