"""Azure ML's extension: its settings, its secrets, the certificate with which its router answers."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, cast

import pytest
from azure.mgmt.kubernetesconfiguration.v2023_05_01 import models

from standin.kubernetesconfiguration import Routers
from tests.standin.asking import GROUP, Answering
from tests.standin.kubernetesconfiguration.clusters import (
    CNAME,
    asked,
    cluster_body,
    cluster_path,
    deleted,
    extension_body,
    extension_path,
    made,
    protected,
    with_extension,
)


def routers(answering: Answering) -> Routers:
    service = next(one.service for one in answering.parts if one.name == "kubernetesconfiguration")
    found: Routers = cast(Any, service)._routers
    return found


async def test_an_extension_answers_its_identity_and_none_of_its_secrets(answering: Answering) -> None:
    await made(answering, cluster_path(), cluster_body())
    body = extension_body()
    answer = await made(answering, extension_path(), body)
    read: Any = models.Extension.deserialize(answer)
    assert (read.provisioning_state, read.extension_type) == ("Succeeded", "Microsoft.AzureML.Kubernetes")
    assert (read.aks_assigned_identity.type, len(read.aks_assigned_identity.principal_id)) == ("SystemAssigned", 36)
    assert read.configuration_settings == body["properties"]["configurationSettings"]
    assert read.configuration_protected_settings == {"scoringFe.sslCert": "", "scoringFe.sslKey": ""}
    key = body["properties"]["configurationProtectedSettings"]["scoringFe.sslKey"]
    stored = json.dumps([value for _, value in answering.base.store.list("arm")])
    assert key not in stored
    assert base64.b64decode(key).decode().splitlines()[1] not in stored
    assert routers(answering).cname_of(cluster_path()) == CNAME
    await deleted(answering, cluster_path())
    assert (await asked(answering, "GET", extension_path()))[0] == 404
    assert CNAME not in routers(answering).hosts


async def test_another_certificate_is_put_or_patched_in_place_and_another_name_too(answering: Answering) -> None:
    await with_extension(answering)
    authority = answering.base.authority
    before = authority.context_for(CNAME)
    await made(answering, extension_path(), extension_body())
    second = authority.context_for(CNAME)
    change = {"properties": {"configurationProtectedSettings": protected(CNAME)}}
    status, answer = await asked(answering, "PATCH", extension_path(), change)
    assert (status, answer["properties"]["configurationSettings"]["sslCname"]) == (200, CNAME)
    assert len({before, second, authority.context_for(CNAME)}) == 3
    await made(answering, extension_path(), extension_body("other.example.org"))
    assert routers(answering).hosts[1:] == ["other.example.org"]
    await deleted(answering, cluster_path())


async def test_what_was_read_can_be_sent_back_and_keeps_its_secrets(answering: Answering) -> None:
    await with_extension(answering)
    answer = (await asked(answering, "GET", extension_path()))[1]
    answer["properties"]["configurationSettings"]["inferenceRouterHA"] = "False"
    await made(answering, extension_path(), answer)
    assert routers(answering).cname_of(cluster_path()) == CNAME
    await deleted(answering, cluster_path())


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"cname": None}, "ExtensionOperationFailed", "[E40007] INVALID_SSL_SETTING: sslCname is required"),
        ({"secrets": {}}, "ExtensionOperationFailed", "scoringFe.sslCert is required"),
        ({"secrets": protected("a.example.org")}, "ExtensionOperationFailed",
         "the certificate is for a.example.org, and sslCname is 'scoring.example.org'"),
        ({"secrets": {**protected(CNAME), "scoringFe.sslKey": protected(CNAME)["scoringFe.sslKey"]}},
         "ExtensionOperationFailed", "the key is not that of the certificate"),
        ({"secrets": {**protected(CNAME), "scoringFe.sslCert": "%"}}, "ExtensionOperationFailed", "is not base64"),
        ({"secrets": {**protected(CNAME), "scoringFe.sslCert": "eA=="}}, "ExtensionOperationFailed", "is no PEM"),
        ({"enableInference": "False"}, "ExtensionOperationFailed", "neither enableTraining nor enableInference"),
        ({"inferenceRouterServiceType": ""}, "ExtensionOperationFailed", "inferenceRouterServiceType is ''"),
        ({"secrets": {"sslCertPemFile": "x", "sslKeyPemFile": "x"}}, "NotSupportedByStandIn",
         "send the PEM text as base64 in configurationProtectedSettings['scoringFe.sslCert']"),
        ({"inferenceRouterServiceType": "NodePort"}, "NotSupportedByStandIn", "there is 'LoadBalancer'"),
        ({"sslSecret": "s"}, "NotSupportedByStandIn", "sslSecret"),
    ],
)  # fmt: skip
async def test_an_installation_fails_as_azures_would(
    answering: Answering, more: dict[str, Any], code: str, words: str
) -> None:
    await made(answering, cluster_path(), cluster_body())
    status, answer = await asked(answering, "PUT", extension_path(), extension_body(**more))
    assert (status, answer["error"]["code"]) == (400, code)
    assert words in answer["error"]["message"]
    assert CNAME not in routers(answering).hosts
    await deleted(answering, cluster_path())


async def test_three_routers_want_three_nodes(answering: Answering) -> None:
    await made(answering, cluster_path(), cluster_body(nodes=2))
    answer = (await asked(answering, "PUT", extension_path(), extension_body()))[1]
    assert "[E40002] INSUFFICIENT_NODE: inferenceRouterHA requires at least three" in answer["error"]["message"]
    await made(answering, extension_path(), extension_body(inferenceRouterHA="False"))
    await deleted(answering, cluster_path())


async def test_a_name_of_one_cluster_is_no_other_clusters(answering: Answering) -> None:
    await with_extension(answering)
    await made(answering, cluster_path("second"), cluster_body(nodes=3))
    answer = (await asked(answering, "PUT", extension_path("second"), extension_body()))[1]
    assert f"sslCname '{CNAME}' is that of another cluster's extension" in answer["error"]["message"]
    for name in ("aks", "second"):
        await deleted(answering, cluster_path(name))


async def test_what_an_extension_is_and_where_it_is_put_does_not_change(answering: Answering) -> None:
    await with_extension(answering)
    body = extension_body()
    body["properties"]["scope"] = {"cluster": {"releaseNamespace": "other"}}
    status, answer = await asked(answering, "PUT", extension_path(), body)
    assert (status, answer["error"]["code"]) == (400, "PropertyChangeNotAllowed")
    status, answer = await asked(answering, "PUT", extension_path(name="second"), extension_body())
    assert (status, answer["error"]["code"]) == (400, "ValidationFailed")
    await deleted(answering, cluster_path())


async def test_a_router_has_a_public_address_that_lies_in_the_group_of_the_nodes(answering: Answering) -> None:
    await with_extension(answering)
    where = f"{GROUP.removesuffix('rg')}MC_rg_aks_westeurope/providers/Microsoft.Network/publicIPAddresses"
    (told,) = (await asked(answering, "GET", where))[1]["value"]
    assert told["tags"]["k8s-azure-service"] == "azureml/azureml-fe"
    assert {told["properties"]["ipAddress"]} == answering.opened
    await deleted(answering, cluster_path())
    status, answer = await asked(answering, "GET", where)
    assert (status, answer["error"]["code"], answering.opened) == (404, "ResourceGroupNotFound", set())


async def test_a_router_answers_again_after_a_kill(tmp_path: Path) -> None:
    first = Answering(tmp_path)
    await first.prepare()
    await with_extension(first)
    first.base.store.close()
    second = Answering(tmp_path)
    await cast(Any, next(one.service for one in second.parts if one.name == "kubernetesconfiguration")).start()
    assert CNAME in routers(second).hosts
    assert second.opened == first.opened
    second.base.store.close()
