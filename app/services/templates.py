"""Templates: ready workflows that run at once with the demo models; the home page and the gallery offer them."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.core.errors import NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.blueprints import import_bundle
from app.services.workflows.lifecycle import dump_spec
from app.services.workflows.miniature import count_steps, draw_miniature
from app.views.blueprints import ImportReport, TemplateCard
from engine.blueprint.bundle import Bundle
from engine.blueprint.codec import decode
from engine.json import JsonObject

FOLDER = files("app") / "templates"


@dataclass(frozen=True, slots=True)
class Template:
    """One line of the gallery; name and summary stand in the blueprint `app/templates/<key>.yaml`."""

    key: str
    category: str
    icon: str  # lucide icon name
    features: tuple[str, ...]  # what it shows, in two or three words each


TEMPLATES: tuple[Template, ...] = (
    Template("customer_triage", "Support", "inbox", ("Structured answers", "Human approval", "Drafted replies")),
    Template("research_brief", "Research", "search", ("Parallel agents", "Merge", "Goes on after errors")),
    Template("document_summary", "Documents", "file-text", ("Long texts", "For each part", "Sandboxed code")),
    Template("lead_scoring", "Sales", "target", ("HTTP lookup", "Scoring", "Works without a key")),
    Template("meeting_actions", "Team", "list-checks", ("Extraction", "Human correction", "Follow-up message")),
    Template("feedback_digest", "Product", "message-square-quote", ("Many at once", "Counting", "Report")),
)


@cache
def read_template(key: str) -> Bundle:
    """The template's blueprint, decoded once per process; raises NotFound for a key outside the list."""
    if key not in {template.key for template in TEMPLATES}:
        raise NotFound("This template")
    return decode((FOLDER / f"{key}.yaml").read_bytes())


def list_templates(uow: UnitOfWork) -> list[TemplateCard]:
    """The gallery, in its fixed order."""
    require(uow, Permission.VIEW)
    return [_card(template) for template in TEMPLATES]


def create_from_template(uow: UnitOfWork, *, key: object) -> ImportReport:
    """Create the template's workflow and the agents it needs; agents that are here already are shared."""
    require(uow, Permission.EDIT)
    bundle = read_template(key if isinstance(key, str) else "")
    return import_bundle(uow, bundle, template_key=str(key))


@cache
def template_agents() -> frozenset[str]:
    """The names under which templates bring their agents."""
    return frozenset(slug for template in TEMPLATES for slug in read_template(template.key).agents)


def sample_inputs(key: str) -> JsonObject:
    """Inputs with which the template can be tried out."""
    tests = read_template(key).tests
    return dict(tests[0].inputs) if tests else {}


@cache
def _card(template: Template) -> TemplateCard:
    bundle = read_template(template.key)
    spec = next(iter(bundle.workflows.values()))
    definition = dump_spec(spec)
    return TemplateCard(
        key=template.key,
        name=bundle.metadata.name,
        summary=bundle.metadata.description,
        category=template.category,
        icon=template.icon,
        node_count=count_steps(definition),
        agents=tuple(agent.name for agent in bundle.agents.values()),
        features=template.features,
        miniature=draw_miniature(definition),
    )
