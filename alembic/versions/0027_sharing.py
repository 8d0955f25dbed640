"""Agents and workflows have an owner and are shared: with the workspace, so far, and with people by name.

Revision 0027, after 0026. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('resource_grant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('resource_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('access', sa.String(length=8), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_resource_grant_user_id_user'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_resource_grant_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resource_grant')),
    sa.UniqueConstraint('resource_id', 'user_id', name=op.f('uq_resource_grant_resource_id_user_id'))
    )
    with op.batch_alter_table('resource_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_resource_grant_user_id'), ['user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_resource_grant_workspace_id'), ['workspace_id'], unique=False)
    for table in ('agent', 'workflow'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('owner_id', sa.Uuid(), nullable=True))
            batch_op.add_column(sa.Column('sharing', sa.String(length=8), server_default='edit', nullable=False))
            batch_op.create_foreign_key(op.f(f'fk_{table}_owner_id_user'), 'user', ['owner_id'], ['id'], ondelete='SET NULL')
            batch_op.create_index(op.f(f'ix_{table}_owner_id'), ['owner_id'], unique=False)
            batch_op.create_index(op.f(f'ix_{table}_sharing'), ['workspace_id', 'sharing'], unique=False)
        op.execute(sa.text(f'UPDATE {table} SET owner_id = created_by'))


def downgrade() -> None:
    for table in ('agent', 'workflow'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(op.f(f'ix_{table}_sharing'))
            batch_op.drop_index(op.f(f'ix_{table}_owner_id'))
            batch_op.drop_constraint(op.f(f'fk_{table}_owner_id_user'), type_='foreignkey')
            batch_op.drop_column('sharing')
            batch_op.drop_column('owner_id')
    op.drop_table('resource_grant')
