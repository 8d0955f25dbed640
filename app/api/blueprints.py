"""Blueprints over the API: look at one without doing anything, import one, and the templates that ship with the product."""

from fastapi import APIRouter
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, Request, Shape, done, whole
from app.services import blueprints, templates
from app.views.blueprints import BlueprintPreview, ImportReport

router = APIRouter(prefix="/api/v1", tags=["blueprints"], responses=REFUSALS)


class BlueprintBody(Request):
    """A blueprint as YAML text."""

    text: str = Field(max_length=1_048_576)


class Template(Shape):
    """A workflow to begin with."""

    key: str
    name: str
    summary: str
    category: str
    node_count: int


@router.post("/blueprints/preview", operation_id="preview_blueprint")
async def preview_blueprint(body: BlueprintBody, door: Caller) -> Answer[BlueprintPreview]:
    """What an import would do, and what the blueprint could do then; nothing is changed."""
    return done(await door.read(blueprints.preview_blueprint, text=body.text))


@router.post("/blueprints/import", status_code=201, operation_id="import_blueprint")
async def import_blueprint(body: BlueprintBody, door: Caller) -> Answer[ImportReport]:
    """Create the workflows and agents of a blueprint. Nothing of it runs by itself."""
    return done(await door.write(blueprints.import_blueprint, text=body.text), "Imported.")


@router.get("/templates", operation_id="list_templates")
async def list_templates(door: Caller) -> Answer[Page[Template]]:
    """The templates of this installation."""
    cards = [Template.model_validate(card) for card in await door.read(templates.list_templates)]
    return whole(cards)


@router.post("/templates/{key}", status_code=201, operation_id="create_from_template")
async def create_from_template(key: Id, door: Caller) -> Answer[ImportReport]:
    """Begin with a template."""
    return done(await door.write(templates.create_from_template, key=key), "Created.")
