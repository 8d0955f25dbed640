"""Conversations are trees: every version of a message stays reachable.

Revision 0006, after 0005. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# What an older installation wrote at a depth always followed the newest message above it, and the newest of its siblings was shown.
_ABOVE = """
UPDATE chat_message SET parent_id = (
    SELECT above.id FROM chat_message AS above
    WHERE above.conversation_id = chat_message.conversation_id AND above.position = chat_message.position - 1
      AND (above.created_at < chat_message.created_at OR (above.created_at = chat_message.created_at AND above.id < chat_message.id))
    ORDER BY above.branch DESC LIMIT 1
)
WHERE position > 0
"""
_NEWEST = """
UPDATE chat_message SET is_chosen = NOT EXISTS (
    SELECT 1 FROM chat_message AS later
    WHERE later.conversation_id = chat_message.conversation_id AND later.position = chat_message.position
      AND later.branch > chat_message.branch
      AND (later.parent_id = chat_message.parent_id OR (later.parent_id IS NULL AND chat_message.parent_id IS NULL))
)
"""
_HIDDEN = """
UPDATE chat_message SET replaced_at = updated_at WHERE id NOT IN (
    WITH RECURSIVE shown(id) AS (
        SELECT id FROM chat_message WHERE parent_id IS NULL AND is_chosen
        UNION ALL
        SELECT below.id FROM chat_message AS below JOIN shown ON below.parent_id = shown.id WHERE below.is_chosen
    )
    SELECT id FROM shown
)
"""


def upgrade() -> None:
    with op.batch_alter_table('chat_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parent_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('is_chosen', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_index(batch_op.f('ix_chat_message_parent_id'), ['parent_id'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_chat_message_parent_id_chat_message'), 'chat_message', ['parent_id'], ['id'], ondelete='CASCADE'
        )
    op.execute(_ABOVE)
    op.execute(_NEWEST)
    with op.batch_alter_table('chat_message', schema=None) as batch_op:
        batch_op.drop_column('replaced_at')


def downgrade() -> None:
    with op.batch_alter_table('chat_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True))
    op.execute(_HIDDEN)
    with op.batch_alter_table('chat_message', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_chat_message_parent_id_chat_message'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_chat_message_parent_id'))
        batch_op.drop_column('is_chosen')
        batch_op.drop_column('parent_id')
