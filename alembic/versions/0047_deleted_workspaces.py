"""Workspaces that were deleted are closed first, and who was a member of them is kept until they are purged; accounts that were deleted.

Revision 0047, after 0046. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('user', sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('workspace', sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('workspace', sa.Column('closed_by', sa.Uuid(), nullable=True))
    op.add_column('workspace', sa.Column('purge_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('workspace', sa.Column('purge_began_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_workspace_purge_at'), 'workspace', ['purge_at'], unique=False)
    op.create_table('closed_membership',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_closed_membership_user_id_user'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_closed_membership_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closed_membership')),
    sa.UniqueConstraint('workspace_id', 'user_id', name=op.f('uq_closed_membership_workspace_id_user_id'))
    )
    with op.batch_alter_table('closed_membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_closed_membership_user_id'), ['user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_closed_membership_workspace_id'), ['workspace_id'], unique=False)


def downgrade() -> None:
    op.drop_table('closed_membership')
    op.drop_index(op.f('ix_workspace_purge_at'), table_name='workspace')
    for column in ('purge_began_at', 'purge_at', 'closed_by', 'closed_at'):
        op.drop_column('workspace', column)
    op.drop_column('user', 'deleted_at')
