"""Outputs pinned for test runs.

Revision 0005, after 0004. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('node_pin',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('workflow_id', sa.Uuid(), nullable=False),
    sa.Column('node', sa.String(length=63), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('output', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('port', sa.String(length=63), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_node_pin_created_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflow.id'], name=op.f('fk_node_pin_workflow_id_workflow'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_node_pin_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_node_pin')),
    sa.UniqueConstraint('workflow_id', 'node', name=op.f('uq_node_pin_workflow_id_node'))
    )
    with op.batch_alter_table('node_pin', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_node_pin_workspace_id'), ['workspace_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('node_pin', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_node_pin_workspace_id'))

    op.drop_table('node_pin')
