from __future__ import annotations

import json

import pytest

from cloud.errors import Kind, ServiceError, error_of_body
from cloud.iot_hub.answers import Unsure, asked
from tests.cloud.recorder import Recorder


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "DeviceNotFound", Kind.MISSING),
        (404, "ModuleNotFound", Kind.MISSING),
        (404, "ConfigurationNotFound", Kind.MISSING),
        (404, "404103", Kind.MISSING),
        (404, "IotHubNotFound", Kind.TRANSIENT),
        (401, "IotHubNotFound", Kind.TRANSIENT),
        (404, "", Kind.TRANSIENT),
        (404, "NotFound", Kind.TRANSIENT),
        (401, "IotHubUnauthorizedAccess", Kind.UNAUTHORISED),
        (412, "PreconditionFailed", Kind.FINAL),
    ],
)
def test_a_thing_is_missing_only_where_the_hub_says_so_by_its_code(status: int, code: str, kind: Kind) -> None:
    operation = Recorder()

    def refuse() -> None:
        raise ServiceError("device 'd'", status, code, "")

    with pytest.raises(ServiceError) as found:
        asked(operation, "device 'd'", refuse)
    assert found.value.kind is kind
    assert len(operation.waited) == (2 if isinstance(found.value, Unsure) else 0)


def test_a_direct_methods_refusal_has_its_number_as_code() -> None:
    message = json.dumps({"errorCode": 404103, "message": "Timed out waiting for device to connect."})
    assert error_of_body(json.dumps({"Message": message})) == ("404103", "Timed out waiting for device to connect.")
