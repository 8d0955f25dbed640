"""History of workflows: what took a version, its note, and how many steps it has.

Revision 0003, after 0002. Migrations stand alone: no import from this project.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('workflow_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('note', sa.String(length=2000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('origin', sa.String(length=20), server_default='edit', nullable=False))
        batch_op.add_column(sa.Column('restored_from', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('node_count', sa.Integer(), server_default='0', nullable=False))
    connection = op.get_bind()
    for row_id, spec in connection.execute(sa.text('SELECT id, spec FROM workflow_version')).all():
        content = json.loads(spec) if isinstance(spec, str) else spec
        count = {'count': len(content.get('nodes', ())), 'id': row_id}
        connection.execute(sa.text('UPDATE workflow_version SET node_count = :count WHERE id = :id'), count)


def downgrade() -> None:
    with op.batch_alter_table('workflow_version', schema=None) as batch_op:
        batch_op.drop_column('node_count')
        batch_op.drop_column('restored_from')
        batch_op.drop_column('origin')
        batch_op.drop_column('note')
