"""Refusals of online endpoints, in the shape in which the service behind Azure ML tells them.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints
"""

from __future__ import annotations

import json
import secrets

from standin.core.errors import BadRequest, NotFound, ServiceError, Unauthorized


class InvalidRequest(BadRequest):
    """What of the request is wrong lies in its details, as a JSON text of the service that Azure ML asks.

    MicrosoftLearning/mslearn-azure-ml#30 shows one whole.
    """

    def __init__(self, operation: str, field: str, why: str) -> None:
        """`operation`: "CreateDeployment", "UpdateEndpoint", ..."""
        said = {
            "errors": {field: [why]},
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
        }
        inner = {
            "code": f"InferencingClient{operation}Failed",
            "message": f"InferencingClient HttpRequest error, error detail: {json.dumps(said, separators=(',', ':'))}",
            "details": [],
            "additionalInfo": [],
        }
        super().__init__("The request is invalid.", details={"details": [inner], "additionalInfo": []})
        self.why = why


class KeyRefused(Unauthorized):
    """The door's two refusals, as its plain text answers tell them."""

    def __init__(self, *, given: bool) -> None:
        super().__init__("key_auth_access_denied" if given else "key_auth_bad_header_forbidden")


class NoSuchEndpoint(NotFound):
    def __init__(self, host: str) -> None:
        super().__init__(f"There is no online endpoint at '{host}'.")


class NoTraffic(NotFound):
    def __init__(self) -> None:
        super().__init__("The endpoint doesn't have any valid deployment with positive weight.")


class NoSuchDeployment(NotFound):
    def __init__(self) -> None:
        super().__init__("Specified deployment could not be found")


def on_kubernetes(problem: ServiceError) -> ServiceError:
    """As the router of a cluster refuses: 504 where managed endpoints say 408, 503 for 429 and where nobody is ready,
    502 where the model ended the connection. Texts and headers beyond that are inferred to be the same."""
    statuses = {TimedOut: 504, TooManyRequests: 503, ModelNotReady: 503, ModelBroke: 502}
    problem.status = statuses.get(type(problem), problem.status)
    return problem


class DeploymentFailed(ServiceError):
    """How a roll-out ends that came to nothing: Azure tells the code in the message, too."""

    status = 400

    def __init__(self, why: str, anchor: str) -> None:
        """`anchor`: of the troubleshooting guide."""
        guide = f"Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#{anchor}"
        super().__init__(f"{type(self).code}: {why} {guide}")


class BadArgument(DeploymentFailed):
    code = "BadArgument"


class ResourceNotReady(DeploymentFailed):
    code = "ResourceNotReady"

    def __init__(self, why: str) -> None:
        super().__init__(f"User container has crashed or terminated: {why}", "error-resourcenotready")


class CrashLoop(DeploymentFailed):
    """On Kubernetes."""

    code = "DeploymentCrashLoopBackOff"

    def __init__(self, why: str) -> None:
        super().__init__(f"User container has crashed or terminated: {why}", "error-deploymentcrashloopbackoff")


class ImagePullLoop(DeploymentFailed):
    code = "ImagePullLoopBackOff"

    def __init__(self, why: str) -> None:
        super().__init__(why, "error-imagepullloopbackoff")


class Unschedulable(DeploymentFailed):
    code = "OutOfQuota"

    def __init__(self, why: str) -> None:
        super().__init__(f"Kubernetes unschedulable. Details: {why}", "error-outofquota")


class OperationCanceled(DeploymentFailed):
    code = "OperationCanceled"

    def __init__(self) -> None:
        why = "Operation was canceled by another operation that has a higher priority."
        super().__init__(why, "error-operationcanceled")


class HasTraffic(InvalidRequest):
    def __init__(self, deployment: str, share: int) -> None:
        super().__init__(
            "DeleteDeployment",
            "Traffic",
            f"The deployment '{deployment}' takes {share} per cent of the endpoint's traffic and cannot be deleted. "
            "Set its traffic to 0 first.",
        )


class TooManyRequests(ServiceError):
    """The door's 429, as the proxy in front of a model answers it: an empty body, the reason in a header."""

    status = 429

    def __init__(self) -> None:
        super().__init__("", headers={"ms-azureml-model-error-reason": "too_many_pending_request"})


class TimedOut(ServiceError):
    status = 408

    def __init__(self) -> None:
        super().__init__("upstream request timeout")


class ModelNotReady(ServiceError):
    status = 424

    def __init__(self) -> None:
        super().__init__("", headers={"ms-azureml-model-error-reason": "model_not_ready"})


class ModelBroke(ServiceError):
    """The container ended the connection without an answer."""

    status = 424

    def __init__(self) -> None:
        reasons = {"ms-azureml-model-error-reason": "model_error", "ms-azureml-model-error-statuscode": "502"}
        super().__init__("", headers=reasons)
