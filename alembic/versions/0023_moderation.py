"""Cases that operators of the marketplace decide: versions that wait, and takedowns.

Revision 0023, after 0022. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('moderation_case',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('listing_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('form', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('appeal', sa.String(length=2000), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['decided_by'], ['user.id'], name=op.f('fk_moderation_case_decided_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_moderation_case_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['listing_version.id'], name=op.f('fk_moderation_case_version_id_listing_version'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_moderation_case_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_case'))
    )
    with op.batch_alter_table('moderation_case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_moderation_case_listing_id'), ['listing_id'], unique=False)
        batch_op.create_index('ix_moderation_case_state', ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_moderation_case_version_id'), ['version_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_moderation_case_workspace_id'), ['workspace_id'], unique=False)


def downgrade() -> None:
    op.drop_table('moderation_case')
