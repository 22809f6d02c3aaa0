"""Extensions of clusters, of which Azure ML's is built: it brings the router at which endpoints there are asked.

Each of these lines stands on those below it:

    routes
    handlers, kinds, service
    state           routers that are there, and the certificates with which they answer
    azureml         what Azure ML's extension wants of its settings
    errors
"""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.part import Part
from standin.kubernetesconfiguration.handlers import AddressHandlers
from standin.kubernetesconfiguration.kinds import Extension
from standin.kubernetesconfiguration.routes import arm_routes
from standin.kubernetesconfiguration.service import RouterService
from standin.kubernetesconfiguration.state import Routers

__all__ = ["Routers", "part"]


def part(arm: Arm, routers: Routers) -> Part:
    return Part(
        name="kubernetesconfiguration",
        service=RouterService(routers),
        kinds=(Extension(arm, routers),),
        arm_routes=arm_routes(AddressHandlers(arm, routers)),
    )
