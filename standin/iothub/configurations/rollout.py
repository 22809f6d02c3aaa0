"""Brings the configurations of a hub onto the twins of its edge devices.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from standin.core.errors import ServiceError
from standin.iothub.configurations.condition import TargetCondition, parse_condition
from standin.iothub.configurations.content import ModulesContent
from standin.iothub.configurations.merge import TARGETED, Candidate, ModulePlan, Plan, merge
from standin.iothub.configurations.state import Configurations
from standin.iothub.query.tokens import QuerySyntaxError
from standin.iothub.registry.identity import EDGE_AGENT_MODULE, MANAGED_BY, SYSTEM_MODULES
from standin.iothub.registry.state import IdentityRegistry
from standin.iothub.twins.documents import TwinDocuments
from standin.iothub.twins.state import Twins

_log = logging.getLogger(__name__)


class Rollout:
    def __init__(
        self, registry: IdentityRegistry, twins: Twins, configurations: Configurations, documents: TwinDocuments
    ) -> None:
        self._registry = registry
        self._twins = twins
        self._configurations = configurations
        self._documents = documents
        self._conditions: dict[str, TargetCondition] = {}

    @property
    def looks_at_reported(self) -> bool:
        """Whether a report of a device can change what it is targeted by."""
        return any(self._condition(one.target_condition).looks_at_reported for one in self._configurations.all())

    def evaluate(self, device: str) -> None:
        """Within a transaction. Writes nothing where nothing is different."""
        identity = self._registry.find(device)
        if identity is None or not identity.edge:
            return
        plan = merge(self._candidates(device))
        if plan.base is not None:
            self._settle_modules(device, _named(plan.modules[EDGE_AGENT_MODULE].desired({})))
        for twin_of in self._registry.modules(device):
            assert twin_of.module is not None
            self._apply(device, twin_of.module, plan)

    def set_modules(self, device: str, content: ModulesContent) -> None:
        """One device's own deployment (`az iot edge set-modules`); an automatic one overwrites it."""
        plan = merge([Candidate(id="", priority=0, created="", content=content)])
        self._settle_modules(device, _named(plan.modules[EDGE_AGENT_MODULE].desired({})))
        for module, part in plan.modules.items():
            twin = self._twins.find(device, module)
            if twin is not None:
                self._twins.deploy(twin, part.desired(twin.desired.values), {})

    def _candidates(self, device: str) -> list[Candidate]:
        document = self._documents.document(device)
        return [
            configuration.candidate()
            for configuration in self._configurations.all()
            if self._condition(configuration.target_condition).targets(document)
        ]

    def _condition(self, text: str) -> TargetCondition:
        condition = self._conditions.get(text)
        if condition is None:
            condition = self._conditions[text] = _read(text)
        return condition

    def _settle_modules(self, device: str, named: set[str]) -> None:
        """The hub makes the identities that a deployment names, and takes away its own that none names any more."""
        for module in sorted(named):
            try:
                self._registry.ensure_module(device, module, MANAGED_BY)
            except (
                ServiceError
            ) as error:  # a name that no module has, or one too many: told on the device, by its agent
                _log.warning(
                    "The deployment of %s names %r, which is no module of it: %s", device, module, error.message
                )
        for identity in self._registry.modules(device):
            if identity.managed_by_edge and identity.module not in named and identity.module not in SYSTEM_MODULES:
                self._registry.delete(device, identity.module, None)

    def _apply(self, device: str, module: str, plan: Plan) -> None:
        twin = self._twins.get(device, module)
        part = plan.modules.get(module, ModulePlan(assignments=(), statuses={}))
        try:
            self._twins.deploy(twin, part.desired(twin.desired.values), dict(part.statuses))
        except ServiceError as error:
            # each configuration alone is within the limits, together they are not: the device stays as it is
            _log.warning("The deployments of %s do not fit %s's twin: %s", device, module, error.message)
            self._twins.deploy(twin, twin.desired.values, dict.fromkeys(part.statuses, TARGETED))


def _named(agent: Mapping[str, Any]) -> set[str]:
    modules = agent.get("modules")
    return set(modules) if isinstance(modules, Mapping) else set()


def _read(text: str) -> TargetCondition:
    """One that an older stand-in took and that is refused now targets nobody."""
    try:
        return parse_condition(text)
    except QuerySyntaxError as error:
        _log.warning("The target condition %r, put before, is not valid: %s", text, error)
        return TargetCondition("", None)
