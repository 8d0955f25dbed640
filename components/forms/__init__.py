"""Form pieces that agents and the workflow inspector share: props in, events out, no state of their own.

- `draft_field`, `number_field`, `slider_field`, `bare_input`: fields that never lose keystrokes.
- `template_field`: Liquid text with variables and filters offered.
- `model_picker`: a button and its dialog over `ModelOption`s.
- `tool_toggles`: switches over `ToolOption`s.
- `schema_builder` with `SchemaRow`s: keep `rows` in the state, apply `edit_rows(rows, action, uid, value)` on every event,
  read the schema with `schema_from_rows`, and refuse to save while `rows_problem` says why the rows are none.
"""

from components.forms.condition_field import condition_builder
from components.forms.fields import (
    bare_input,
    bare_select,
    bare_switch,
    draft_editor,
    draft_field,
    leave_guard,
    number_field,
    page_keys,
    slider_field,
)
from components.forms.model_picker import ModelPicker, model_picker
from components.forms.schema_builder import schema_builder
from components.forms.schema_rows import (
    SchemaRow,
    edit_rows,
    rows_from_json,
    rows_from_schema,
    rows_problem,
    schema_from_rows,
    schema_problem,
)
from components.forms.template_field import bare_template, template_field
from components.forms.tool_toggles import tool_toggles

__all__ = [
    "ModelPicker",
    "SchemaRow",
    "bare_input",
    "bare_select",
    "bare_switch",
    "bare_template",
    "condition_builder",
    "draft_editor",
    "draft_field",
    "edit_rows",
    "leave_guard",
    "model_picker",
    "number_field",
    "page_keys",
    "rows_from_json",
    "rows_from_schema",
    "rows_problem",
    "schema_builder",
    "schema_from_rows",
    "schema_problem",
    "slider_field",
    "template_field",
    "tool_toggles",
]
