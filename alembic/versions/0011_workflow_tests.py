"""Tests of workflows: inputs with what must come out of them.

Revision 0011, after 0010. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('workflow_test',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('workflow_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('last_run_id', sa.Uuid(), nullable=True),
    sa.Column('judged', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_workflow_test_created_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['last_run_id'], ['run.id'], name=op.f('fk_workflow_test_last_run_id_run'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflow.id'], name=op.f('fk_workflow_test_workflow_id_workflow'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_workflow_test_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workflow_test'))
    )
    with op.batch_alter_table('workflow_test', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_workflow_test_workflow_id'), ['workflow_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_workflow_test_workspace_id'), ['workspace_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('workflow_test', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_workflow_test_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_workflow_test_workflow_id'))

    op.drop_table('workflow_test')
