"""Schedules with their fires and changes, event rules with the facts they wait for, and when workers looked.

Revision 0007, after 0006. Migrations stand alone: no import from this project.
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('watch_period',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_watch_period'))
    )
    with op.batch_alter_table('watch_period', schema=None) as batch_op:
        batch_op.create_index('ix_watch_period_seen_at', ['seen_at'], unique=False)

    op.create_table('event_rule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('workflow_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=True),
    sa.Column('button', sa.String(length=63), nullable=False),
    sa.Column('condition', sa.String(length=4000), nullable=False),
    sa.Column('mapping', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('disabled_reason', sa.String(length=400), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_event_rule_owner_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['source_id'], ['workflow.id'], name=op.f('fk_event_rule_source_id_workflow'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflow.id'], name=op.f('fk_event_rule_workflow_id_workflow'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_event_rule_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_rule'))
    )
    with op.batch_alter_table('event_rule', schema=None) as batch_op:
        batch_op.create_index('ix_event_rule_match', ['workspace_id', 'kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_event_rule_source_id'), ['source_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_event_rule_workflow_id'), ['workflow_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_event_rule_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('schedule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('workflow_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('wording', sa.String(length=300), nullable=False),
    sa.Column('cron', sa.String(length=700), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('inputs', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('missed', sa.String(length=8), nullable=False),
    sa.Column('most_missed', sa.Integer(), nullable=False),
    sa.Column('overlap', sa.String(length=8), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('disabled_reason', sa.String(length=400), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('owner_id', sa.Uuid(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['user.id'], name=op.f('fk_schedule_owner_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflow.id'], name=op.f('fk_schedule_workflow_id_workflow'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_schedule_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule'))
    )
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.create_index('ix_schedule_next_at', ['next_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedule_workflow_id'), ['workflow_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedule_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('schedule_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('schedule_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('by', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('cron', sa.String(length=700), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['by'], ['user.id'], name=op.f('fk_schedule_change_by_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['schedule_id'], ['schedule.id'], name=op.f('fk_schedule_change_schedule_id_schedule'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_schedule_change_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule_change'))
    )
    with op.batch_alter_table('schedule_change', schema=None) as batch_op:
        batch_op.create_index('ix_schedule_change_at', ['schedule_id', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedule_change_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('schedule_fire',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('schedule_id', sa.Uuid(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('cause', sa.String(length=24), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('is_manual', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_schedule_fire_run_id_run'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['schedule_id'], ['schedule.id'], name=op.f('fk_schedule_fire_schedule_id_schedule'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_schedule_fire_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule_fire')),
    sa.UniqueConstraint('schedule_id', 'due_at', name=op.f('uq_schedule_fire_schedule_id_due_at'))
    )
    with op.batch_alter_table('schedule_fire', schema=None) as batch_op:
        batch_op.create_index('ix_schedule_fire_calendar', ['workspace_id', 'due_at'], unique=False)
        batch_op.create_index('ix_schedule_fire_queued', ['schedule_id'], unique=False, sqlite_where=sa.text("outcome = 'queued'"), postgresql_where=sa.text("outcome = 'queued'"))
        batch_op.create_index('ix_schedule_fire_run_id', ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_schedule_fire_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('fact',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('workflow_id', sa.Uuid(), nullable=True),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('approval_id', sa.Uuid(), nullable=True),
    sa.Column('version_id', sa.Uuid(), nullable=True),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['approval_id'], ['approval.id'], name=op.f('fk_fact_approval_id_approval'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_fact_run_id_run'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['workflow_version.id'], name=op.f('fk_fact_version_id_workflow_version'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflow.id'], name=op.f('fk_fact_workflow_id_workflow'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_fact_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fact'))
    )
    with op.batch_alter_table('fact', schema=None) as batch_op:
        batch_op.create_index('ix_fact_undelivered', ['id'], unique=False, sqlite_where=sa.text('delivered_at IS NULL'), postgresql_where=sa.text('delivered_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_fact_workspace_id'), ['workspace_id'], unique=False)

    op.create_table('rule_fire',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('rule_id', sa.Uuid(), nullable=False),
    sa.Column('fact_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('cause', sa.String(length=24), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['fact_id'], ['fact.id'], name=op.f('fk_rule_fire_fact_id_fact'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['rule_id'], ['event_rule.id'], name=op.f('fk_rule_fire_rule_id_event_rule'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_rule_fire_run_id_run'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspace.id'], name=op.f('fk_rule_fire_workspace_id_workspace'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_fire')),
    sa.UniqueConstraint('rule_id', 'fact_id', name=op.f('uq_rule_fire_rule_id_fact_id'))
    )
    with op.batch_alter_table('rule_fire', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rule_fire_fact_id'), ['fact_id'], unique=False)
        batch_op.create_index('ix_rule_fire_run_id', ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_rule_fire_workspace_id'), ['workspace_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('rule_fire', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rule_fire_workspace_id'))
        batch_op.drop_index('ix_rule_fire_run_id')
        batch_op.drop_index(batch_op.f('ix_rule_fire_fact_id'))

    op.drop_table('rule_fire')
    with op.batch_alter_table('fact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_fact_workspace_id'))
        batch_op.drop_index('ix_fact_undelivered', sqlite_where=sa.text('delivered_at IS NULL'), postgresql_where=sa.text('delivered_at IS NULL'))

    op.drop_table('fact')
    with op.batch_alter_table('schedule_fire', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_schedule_fire_workspace_id'))
        batch_op.drop_index('ix_schedule_fire_run_id')
        batch_op.drop_index('ix_schedule_fire_queued', sqlite_where=sa.text("outcome = 'queued'"), postgresql_where=sa.text("outcome = 'queued'"))
        batch_op.drop_index('ix_schedule_fire_calendar')

    op.drop_table('schedule_fire')
    with op.batch_alter_table('schedule_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_schedule_change_workspace_id'))
        batch_op.drop_index('ix_schedule_change_at')

    op.drop_table('schedule_change')
    with op.batch_alter_table('schedule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_schedule_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_schedule_workflow_id'))
        batch_op.drop_index('ix_schedule_next_at')

    op.drop_table('schedule')
    with op.batch_alter_table('event_rule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_rule_workspace_id'))
        batch_op.drop_index(batch_op.f('ix_event_rule_workflow_id'))
        batch_op.drop_index(batch_op.f('ix_event_rule_source_id'))
        batch_op.drop_index('ix_event_rule_match')

    op.drop_table('event_rule')
    with op.batch_alter_table('watch_period', schema=None) as batch_op:
        batch_op.drop_index('ix_watch_period_seen_at')

    op.drop_table('watch_period')
