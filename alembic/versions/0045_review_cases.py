"""Why reviews are reported and hidden: a ground with each report; a case with each hidden review, with its author's appeal.

Revision 0045, after 0044. Migrations stand alone: no import from this project.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('review_vote', schema=None) as batch_op:
        batch_op.add_column(sa.Column('ground', sa.String(length=16), server_default='', nullable=False))
    op.create_table('review_case',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('review_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('appeal', sa.String(length=2000), nullable=False),
    sa.Column('appealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=1000), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['user.id'], name=op.f('fk_review_case_answered_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['decided_by'], ['user.id'], name=op.f('fk_review_case_decided_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_case_review_id_review'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_case'))
    )
    with op.batch_alter_table('review_case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_case_review_id'), ['review_id'], unique=False)
        batch_op.create_index('ix_review_case_state', ['state', 'id'], unique=False)
    _open_cases(op.get_bind())


def _open_cases(connection: sa.Connection) -> None:
    """Whose review was hidden before there were cases may appeal as well; a case with its review's id is older than all that come."""
    review = sa.table('review', sa.column('id', sa.Uuid()), sa.column('is_hidden', sa.Boolean()))
    case = sa.table(
        'review_case', sa.column('id', sa.Uuid()), sa.column('created_at', sa.DateTime(timezone=True)),
        sa.column('updated_at', sa.DateTime(timezone=True)), sa.column('review_id', sa.Uuid()), sa.column('state'), sa.column('reason'),
        sa.column('appeal'), sa.column('answer'),
    )
    now = datetime.now(UTC)
    hidden = connection.execute(sa.select(review.c.id).where(review.c.is_hidden.is_(True))).scalars().all()
    rows = [
        {
            'id': one, 'created_at': now, 'updated_at': now, 'review_id': one, 'state': 'hidden', 'reason': '', 'appeal': '',
            'answer': '',
        }
        for one in hidden
    ]
    if rows:
        connection.execute(sa.insert(case), rows)


def downgrade() -> None:
    op.drop_table('review_case')
    with op.batch_alter_table('review_vote', schema=None) as batch_op:
        batch_op.drop_column('ground')
