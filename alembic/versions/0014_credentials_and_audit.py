"""Credentials, and the audit trail with its heads.

Revision 0014, after 0013. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('actor_kind', sa.String(length=16), nullable=False),
    sa.Column('via', sa.String(length=16), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=80), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('resource_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('changes', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('mac', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_audit_entry_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    sa.UniqueConstraint('workspace_id', 'seq', name=op.f('uq_audit_entry_workspace_id_seq'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_action', ['workspace_id', 'action', 'seq'], unique=False)
        batch_op.create_index('ix_audit_entry_actor', ['workspace_id', 'actor_id', 'seq'], unique=False)
        batch_op.create_index('ix_audit_entry_kind', ['workspace_id', 'kind', 'seq'], unique=False)
        batch_op.create_index('ix_audit_entry_resource', ['workspace_id', 'resource_id', 'seq'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('audit_head',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('key_sealed', sa.String(length=400), nullable=False),
    sa.Column('first_seq', sa.Integer(), nullable=False),
    sa.Column('first_mac', sa.String(length=64), nullable=False),
    sa.Column('first_proof', sa.String(length=64), nullable=False),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.Column('last_mac', sa.String(length=64), nullable=False),
    sa.Column('retention_days', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_audit_head_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_audit_head'))
    )
    op.create_table('credential',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('name_key', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('provider', sa.String(length=40), nullable=True),
    sa.Column('public', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('hosts', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('description', sa.String(length=300), nullable=False),
    sa.Column('test_url', sa.String(length=2000), nullable=False),
    sa.Column('sealed', sa.String(length=30000), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('last_four', sa.String(length=4), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('test_ok', sa.Boolean(), nullable=True),
    sa.Column('test_message', sa.String(length=500), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_credential_created_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_credential_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')),
    sa.UniqueConstraint('workspace_id', 'name_key', name=op.f('uq_credential_workspace_id_name_key')),
    sa.UniqueConstraint('workspace_id', 'provider', name=op.f('uq_credential_workspace_id_provider'))
    )
    with op.batch_alter_table('credential', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credential_workspace_id'), ['workspace_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('credential', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credential_workspace_id'))

    op.drop_table('credential')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_workspace_id'))
        batch_op.drop_index('ix_audit_entry_resource')
        batch_op.drop_index('ix_audit_entry_kind')
        batch_op.drop_index('ix_audit_entry_actor')
        batch_op.drop_index('ix_audit_entry_action')

    op.drop_table('audit_entry')
