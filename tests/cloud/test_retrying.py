from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError

from cloud.errors import Kind, ServiceError, error_of_body, service_error
from cloud.retrying import RetryLimits, with_retries
from tests.cloud.recorder import Ended, Recorder


def _failing(times: int, error: Exception) -> Callable[[], str]:
    left = [times]

    def action() -> str:
        if left[0]:
            left[0] -= 1
            raise error
        return "done"

    return action


@pytest.mark.parametrize(
    "error",
    [
        ServiceRequestError("connection refused"),
        requests.ConnectionError("refused"),
        ServiceError("x", 503, "Busy", "later"),
        ServiceError("x", 429, "Throttled", "later", retry_after=7),
        ServiceError("x", 401, "IotHubUnauthorizedAccess", "no"),
        ClientAuthenticationError("DefaultAzureCredential failed: connection refused"),
    ],
)
def test_what_passes_is_tried_again_with_progress(error: Exception) -> None:
    operation = Recorder()
    assert with_retries(operation, "device 'd'", _failing(3, error)) == "done"
    assert len(operation.statuses) == 3
    assert operation.statuses[0].startswith("device 'd': ")


def test_the_service_says_how_long_to_wait() -> None:
    operation = Recorder()
    with_retries(operation, "x", _failing(1, ServiceError("x", 429, "", "", retry_after=7)))
    assert operation.waited == [7]


def test_patience_ends_and_the_answer_is_told() -> None:
    with pytest.raises(ServiceError, match="deployment 'x': 401 IotHubUnauthorizedAccess: no role"):
        error = ServiceError("deployment 'x'", 401, "IotHubUnauthorizedAccess", "no role")
        with_retries(Recorder(), "deployment 'x'", _failing(9, error), RetryLimits(unauthorised_seconds=0))


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("x", 400, "ArgumentInvalid", "bad"),
        ServiceError("x", 403, "IotHubQuotaExceeded", "quota"),
        ServiceError("x", 404, "DeviceNotFound", ""),
        ServiceError("x", 409, "DeviceAlreadyExists", ""),
        ClientAuthenticationError("DefaultAzureCredential: AADSTS7000215: Invalid client secret"),
    ],
)
def test_what_waiting_does_not_cure_is_not_tried_again(error: Exception) -> None:
    operation = Recorder()
    with pytest.raises(ServiceError):
        with_retries(operation, "x", _failing(1, error))
    assert operation.statuses == []


def test_defects_of_ours_are_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        with_retries(Recorder(), "x", lambda: str(1 // 0))


def test_a_ctrl_c_ends_the_waiting() -> None:
    operation = Recorder(ended=True)
    with pytest.raises(Ended):
        with_retries(operation, "x", _failing(5, ServiceError("x", 503, "", "")))


def _dressed_up(answer: Exception, *, by_cause: bool = True) -> Exception:
    """As an SDK raises its own exception from a service's answer."""
    try:
        try:
            raise answer
        except Exception as error:
            if by_cause:
                raise AzureError("You don't have permission to alter this storage account.") from error
            raise AzureError("cannot be opened")  # noqa: B904 - the context alone is what is looked at
    except AzureError as error:
        return error


def _blob_refusal(status: int) -> HttpResponseError:
    """Of a HEAD: no body, the code in a header."""
    response = requests.Response()
    response.status_code = status
    response.headers["x-ms-error-code"] = "AuthorizationPermissionMismatch"
    return HttpResponseError("This request is not authorized", response=response)  # type: ignore[arg-type]


@pytest.mark.parametrize("by_cause", [True, False])
def test_a_refusal_that_an_sdk_dresses_up_is_waited_out_as_one(by_cause: bool) -> None:
    operation, error = Recorder(), _dressed_up(_blob_refusal(403), by_cause=by_cause)
    assert with_retries(operation, "model m", _failing(2, error)) == "done"
    assert operation.statuses[0].startswith("model m: 403 AuthorizationPermissionMismatch; the role may not be")


@pytest.mark.parametrize("below", [_blob_refusal(404), ValueError("not a folder")])
def test_what_an_sdk_says_itself_stays_where_waiting_cannot_help(below: Exception) -> None:
    with pytest.raises(AzureError, match="permission to alter"):
        with_retries(Recorder(), "model m", _failing(1, _dressed_up(below)))


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ('{"error": {"code": "NotFound", "message": "no"}}', "NotFound", "no"),
        ('{"Message": "ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}', "IotHubUnauthorizedAccess", "Unauthorized"),
        ('{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "unknown"}]}', "MANIFEST_UNKNOWN", "unknown"),
        ('{"error": "invalid_grant", "error_description": "expired"}', "invalid_grant", "expired"),
        ("<html>Bad gateway</html>", "", "<html>Bad gateway</html>"),
        ("[]", "", "[]"),
    ],
)
def test_code_and_message_are_found_in_every_services_envelope(body: str, code: str, message: str) -> None:
    assert error_of_body(body) == (code, message)


def test_an_sdk_error_keeps_status_and_code() -> None:
    import json

    from msrest import Deserializer
    from msrest.exceptions import HttpOperationError

    response = requests.Response()
    response.status_code = 404
    response._content = json.dumps({"Message": "ErrorCode:DeviceNotFound;no such device"}).encode()
    error = HttpOperationError(Deserializer({}), response)  # type: ignore[no-untyped-call]
    found = service_error(error, "device 'd'")
    assert found is not None
    assert (found.status, found.code, found.message, found.kind) == (
        404,
        "DeviceNotFound",
        "no such device",
        Kind.MISSING,
    )


def test_a_hubs_own_error_is_read_as_arms_is() -> None:
    flat = '{"code":404002,"httpStatusCode":404,"message":"IotHub \'one\' not found under ResourceGroup \'rg\'."}'
    assert error_of_body(flat) == ("404002", "IotHub 'one' not found under ResourceGroup 'rg'.")
