"""What bounds and starts runs: budgets, the policy of models, and event rules."""

from collections.abc import Iterator

from agent_factory.parts import Part
from agent_factory.transport import PREFIX, Json
from agent_factory.triggers import Paused


class Budgets(Part):
    """What the workspace and its agents may use. Caps: money (US dollars), tokens, time (hours), steps."""

    def list(self) -> Iterator[Json]:
        """Those of the workspace by day and by month, then those of agents that are set."""
        return self._pages(self._path, {})

    def set(self, period: str, **caps: object) -> Json:
        """Set or raise caps of a `day` or a `month`; None lifts one, those left out stay."""
        return self._transport.call("PATCH", f"{self._path}/{period}", body=caps)

    def clear(self, period: str) -> Json:
        """Lift every cap."""
        return self._transport.call("DELETE", f"{self._path}/{period}")

    def of_agent(self, agent_id: str) -> Json:
        """What an agent may use a day."""
        return self._transport.call("GET", f"{PREFIX}/agents/{agent_id}/budget")

    def set_of_agent(self, agent_id: str, **caps: object) -> Json:
        """Set or raise caps of an agent."""
        return self._transport.call("PATCH", f"{PREFIX}/agents/{agent_id}/budget", body=caps)

    def clear_of_agent(self, agent_id: str) -> Json:
        """Lift every cap of an agent."""
        return self._transport.call("DELETE", f"{PREFIX}/agents/{agent_id}/budget")

    def model_policy(self) -> Json:
        """Which models stand in for those that do not answer, and how fast runs may ask each provider."""
        return self._transport.call("GET", f"{PREFIX}/model-policy")

    def set_model_policy(self, **fields: object) -> Json:
        """Replace `fallback_models` and `rates` (by provider: requests and tokens a minute, calls at once)."""
        return self._transport.call("PUT", f"{PREFIX}/model-policy", body=fields)


class Rules(Paused):
    """When something happens in the workspace, a workflow starts."""

    def update(self, id: str, **fields: object) -> Json:
        """Change one: all its fields are given."""
        return self._transport.call("PUT", f"{self._path}/{id}", body=fields)
