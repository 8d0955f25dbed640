"""State of the import dialog: the blueprint's text, what an import would do, and doing it."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.blueprints import BlueprintInvalid, import_blueprint, preview_blueprint
from app.session import Bridge
from app.views.blueprints import BlueprintPreview, PermissionLine, PlannedAgent, PlannedWorkflow

MOST_BYTES = 2_000_000
MOST_TOLD = 8
_NOT_ONE_FILE = "Choose one file whose name ends with .yaml or .yml."
_TOO_LARGE = "The blueprint is larger than 2 MB. Export fewer workflows at once, or import it with agent-factory blueprint import."


class ImportState(Bridge, rx.State):
    """One import."""

    is_open: bool = False
    is_busy: bool = False
    text: str = ""
    problem: str = ""
    problems: list[str] = []
    has_preview: bool = False
    title: str = ""
    description: str = ""
    faults: list[str] = []
    workflows: list[PlannedWorkflow] = []
    agents: list[PlannedAgent] = []
    permissions: list[PermissionLine] = []
    _planned: str = ""

    @rx.event
    def open(self) -> None:
        """Begin."""
        self.reset()
        self.is_open = True

    @rx.event
    def forget(self) -> None:
        """The page begins anew: what was chosen before and never confirmed is gone."""
        self.reset()

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close."""
        self.is_open = is_open is True

    @rx.event
    def back(self) -> None:
        """To the text again."""
        self.has_preview = False

    @rx.event
    def set_text(self, text: str) -> None:
        """Pasted or typed."""
        self.text, self.problem, self.problems = str(text)[: MOST_BYTES + 1], "", []

    @rx.event
    async def take(self, files: list[rx.UploadFile]) -> Any:
        """A file was chosen: read it and look at it at once."""
        if not files:
            return None  # refused by the browser, which tells why
        content = await files[0].read()
        self.problems = []
        if len(content) > MOST_BYTES:
            self.problem = _TOO_LARGE
            return None
        try:
            self.text, self.problem = content.decode("utf-8-sig"), ""
        except UnicodeDecodeError:
            self.problem = "The file is no text in UTF-8. Choose the YAML file of a blueprint."
            return None
        return await self._plan()

    @rx.event
    def refuse_files(self, reasons: str) -> None:
        """The browser did not take what was dropped."""
        self.problem, self.problems = (_TOO_LARGE if "file-too-large" in str(reasons)[:1000] else _NOT_ONE_FILE), []

    @rx.event
    async def look(self) -> Any:
        """Show what the blueprint would bring; nothing is changed."""
        self.problem, self.problems = "", []
        if not self.text.strip():
            self.problem = "Choose a file or paste its text first."
            return
        self.is_busy = True
        yield
        try:
            await self._plan()
        finally:
            self.is_busy = False

    async def _plan(self) -> None:
        if len(self.text) > MOST_BYTES:
            self.problem = _TOO_LARGE
            return
        try:
            self._show(await self._read(preview_blueprint, text=self.text))
        except Invalid as refused:
            self._refuse(refused)
        else:
            self._planned = self.text  # what is shown is what comes in, whatever the text field still sends

    @rx.event
    async def bring_in(self) -> Any:
        """Import, and open the first workflow."""
        self.is_busy = True
        yield
        try:
            report = await self._call(import_blueprint, text=self._planned)
        except Invalid as refused:
            self.has_preview = False
            self._refuse(refused)
            return
        finally:
            self.is_busy = False
        self.is_open = False
        words = [rx.toast.info(note) for note in report.notes]
        if report.workflows:
            name, place = f"“{report.workflows[0].name}”", f"/workflows/{report.workflows[0].id}"
        else:
            name, place = f"“{report.agents[0].name}”", "/agents"
        yield [rx.toast.success(f"{name} was imported."), *words, rx.redirect(place)]

    def _refuse(self, refused: Invalid) -> None:
        findings = refused.findings if isinstance(refused, BlueprintInvalid) else []
        if len(findings) < 2:
            self.problem, self.problems = refused.message, []
            return
        self.problem = f"The blueprint has {len(findings)} mistakes."
        rest = len(findings) - MOST_TOLD
        self.problems = [*map(str, findings[:MOST_TOLD]), *([f"{rest} more. Mend these first."] if rest > 0 else [])]

    def _show(self, plan: BlueprintPreview) -> None:
        self.title, self.description = f"{plan.name} {plan.version}".strip(), plan.description
        self.faults = [f"{one.name}: {words}" for one in plan.workflows for words in (*one.errors, *one.warnings)][:8]
        self.workflows, self.agents, self.permissions = list(plan.workflows), list(plan.agents), list(plan.permissions)
        self.has_preview = True
