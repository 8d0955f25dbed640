"""Workspaces' own sign-ins, and sessions that open one workspace alone.

Revision 0031, after 0030. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sign_in_domain',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('domain', sa.String(length=253), nullable=False),
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('held', sa.String(length=253), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_sign_in_domain_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_domain')),
    sa.UniqueConstraint('held', name=op.f('uq_sign_in_domain_held')),
    sa.UniqueConstraint('workspace_id', 'domain', name=op.f('uq_sign_in_domain_workspace_id_domain'))
    )
    with op.batch_alter_table('sign_in_domain', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_domain_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('workspace_sign_in',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('issuer', sa.String(length=500), nullable=False),
    sa.Column('client_id', sa.String(length=300), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('last_four', sa.String(length=4), nullable=False),
    sa.Column('default_role', sa.String(length=16), nullable=False),
    sa.Column('believes_email', sa.Boolean(), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('is_required', sa.Boolean(), nullable=False),
    sa.Column('tested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('test_ok', sa.Boolean(), nullable=True),
    sa.Column('test_message', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_workspace_sign_in_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workspace_sign_in')),
    sa.UniqueConstraint('workspace_id', name=op.f('uq_workspace_sign_in_workspace_id'))
    )
    with op.batch_alter_table('workspace_sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_workspace_sign_in_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('workspace_identity',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('sign_in_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('label', sa.String(length=320), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['sign_in_id'], ['workspace_sign_in.id'], name=op.f('fk_workspace_identity_sign_in_id_workspace_sign_in'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_workspace_identity_user_id_user'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_workspace_identity_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workspace_identity')),
    sa.UniqueConstraint('sign_in_id', 'subject', name=op.f('uq_workspace_identity_sign_in_id_subject'))
    )
    with op.batch_alter_table('workspace_identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_workspace_identity_user_id'), ['user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_workspace_identity_workspace_id'), ['workspace_id'], unique=False)

    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('confined_to', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_user_session_confined_to_workspace'), 'workspace', ['confined_to'], ['id'], ondelete='CASCADE')
        batch_op.create_index(batch_op.f('ix_user_session_confined_to'), ['confined_to'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_session_confined_to'))
        batch_op.drop_constraint(batch_op.f('fk_user_session_confined_to_workspace'), type_='foreignkey')
        batch_op.drop_column('confined_to')

    with op.batch_alter_table('workspace_identity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_workspace_identity_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_workspace_identity_user_id'))

    op.drop_table('workspace_identity')
    with op.batch_alter_table('workspace_sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_workspace_sign_in_workspace_id'))

    op.drop_table('workspace_sign_in')
    with op.batch_alter_table('sign_in_domain', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_domain_workspace_id'))

    op.drop_table('sign_in_domain')
