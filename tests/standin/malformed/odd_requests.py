"""What a request may hold that makes no sense: names, queries, headers and bodies."""

from __future__ import annotations

import json
import random

NAMES = (
    "a",
    "edgeway",
    ".",
    "..",
    "%2e%2e",
    "%2E",
    "%00",
    "%FF",
    "a%2Fb",
    "x" * 300,
    "%C2%B2",
    "%ED%A0%80",
    "%27",
    "%0D%0Aa:b",
    "nan",
    "-1",
    "%25",
    "%F0%9F%98%80",
    "a%20b",
    "*",
    "9" * 5000,
)
QUERIES = (
    "",
    "$top=%C2%B2",
    "$top=-1",
    "$top=nan",
    "$top=" + "9" * 5000,
    "top=" + "9" * 5000,
    "tail=%C2%B2",
    "tail=" + "9" * 5000,
    "maxresults=" + "9" * 5000 + "&comp=list&restype=container",
    "maxresults=%C2%B2&comp=list&restype=container",
    "$filter=%27",
    "maxresults=%C2%B2",
    "comp=list&restype=container",
    "comp=block&blockid=%FF",
    "comp=blocklist",
    "comp=metadata",
    "se=nan&sig=%C3%BC&sr=c&sp=r",
    "se=0001-01-01T00:00:00%2B23:59&sig=a&sr=b",
    "&&=&=",
    "a=%ED%A0%80",
    "marker=%FF",
    "$skipToken=%00",
    "timeout=x",
)
BODIES = (
    b"",
    b"[]",
    b"null",
    b'"x"',
    b"{",
    b"5",
    b"NaN",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"\xff\xfe",
    b"9" * 5000,
    b"1e999",
    b'{"properties": null}',
    b'{"properties": []}',
    b'{"properties": "x"}',
    b'{"properties": {"a": NaN}}',
    b'{"location": 5}',
    b'{"location": "westeurope", "properties": 5}',
    b'{"location": "westeurope", "tags": [1]}',
    b'{"location": null, "sku": 5}',
    b'{"location": "westeurope", "sku": {"name": [], "capacity": "x"}, "properties": {}}',
    b'{"location": "\\ud800"}',
    b'{"location": "westeurope", "identity": "x", "properties": {}}',
    b'{"deviceId": 5}',
    b'{"deviceId": "a", "authentication": []}',
    b'{"tags": 5, "properties": {"desired": []}}',
    b'{"query": 5}',
    b'{"query": "\\ud800"}',
    b'{"methodName": 5}',
    b'{"id": 5, "content": []}',
    b'{"value": {}}',
    b'{"kty": []}',
    b'{"properties": {"sku": 5, "tenantId": [], "containers": 5, "principalId": 5}}',
    b'{"location": "westeurope", "properties": {"containers": [5], "osType": []}}',
    b"grant_type=%FF&scope=%ED%A0%80",
    b"<xml",
    b"<a>&x;</a>",
)
VALID: dict[str, object] = {
    "roleAssignments": {"properties": {"principalId": "p", "roleDefinitionId": "/r/b24988ac", "condition": "x"}},
    "roleDefinitions": {
        "properties": {"roleName": "r", "permissions": [{"actions": ["a"]}], "assignableScopes": ["/"]}
    },
    "registries": {"location": "westeurope", "sku": {"name": "Basic"}, "properties": {"adminUserEnabled": True}},
    "scopeMaps": {"properties": {"actions": ["repositories/a/content/read"]}},
    "tokens": {"properties": {"scopeMapId": "/x/_repositories_pull", "status": "enabled", "credentials": {}}},
    "vaults": {"location": "w", "properties": {"tenantId": "t", "sku": {"family": "A", "name": "standard"}}},
    "workspaces": {
        "location": "w",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "storageAccount": "/a",
            "keyVault": "/b",
            "applicationInsights": "/c",
            "sku": {"name": "PerGB2018"},
        },
    },
    "computes": {
        "location": "w",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": True,
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT2M"},
            },
        },
    },
    "environments": {
        "properties": {"image": "i", "inferenceConfig": {"scoringRoute": {"path": "/", "port": 1}}, "tags": {"a": "b"}}
    },
    "data": {"properties": {"dataType": "uri_file", "dataUri": "azureml://datastores/d/paths/p", "tags": {"a": "b"}}},
    "codes": {"properties": {"codeUri": "https://x/c/s", "properties": {"hash_sha256": "a", "hash_version": "1"}}},
    "onlineEndpoints": {
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key", "traffic": {"a": 0}, "mirrorTraffic": {}, "keys": {"primaryKey": "k"}},
    },
    "onlineEndpoints/ep-1/deployments": {
        "location": "westeurope",
        "sku": {"name": "Default", "capacity": 1},
        "properties": {
            "endpointComputeType": "Managed",
            "environmentId": "/e",
            "environmentVariables": {"a": "b"},
            "instanceType": "Standard_DS2_v2",
            "model": None,
            "livenessProbe": {"initialDelay": "PT10S", "period": "PT10S", "timeout": "PT2S", "failureThreshold": 30},
            "requestSettings": {"requestTimeout": "PT5S", "maxConcurrentRequestsPerInstance": 1},
        },
    },
    "regenerateKeys": {"keyType": "Primary", "keyValue": "k"},
    "getLogs": {"containerType": "InferenceServer", "tail": 5},
    "startPendingUpload": {"pendingUploadType": "TemporaryBlobReference"},
    "containerGroups": {
        "location": "w",
        "properties": {
            "osType": "Linux",
            "containers": [
                {"name": "a", "properties": {"image": "i", "resources": {"requests": {"cpu": 1, "memoryInGB": 1}}}}
            ],
            "ipAddress": {"type": "Public", "ports": [{"port": 443}]},
            "volumes": [{"name": "v", "secret": {"a": "YQ=="}}],
            "imageRegistryCredentials": [{"server": "s", "identity": "/i"}],
        },
    },
    "IotHubs": {
        "location": "w",
        "sku": {"name": "S1", "capacity": 1},
        "properties": {"eventHubEndpoints": {"events": {}}},
    },
    "userAssignedIdentities": {"location": "w", "tags": {"a": "b"}},
    "components": {
        "location": "w",
        "kind": "web",
        "properties": {"Application_Type": "web", "WorkspaceResourceId": "/a"},
    },
    "versions": {"properties": {"modelUri": "azureml://x", "tags": {"a": "b"}, "flavors": {}, "isArchived": False}},
    "datastores": {
        "properties": {"datastoreType": "AzureBlob", "accountName": "a", "containerName": "c", "credentials": {}}
    },
    "/devices/": {
        "deviceId": "a",
        "authentication": {"symmetricKey": {"primaryKey": "YQ=="}},
        "capabilities": {"iotEdge": True},
    },
    "/twins/": {"tags": {"a": {"b": 1}}, "properties": {"desired": {"c": [1]}}},
    "/configurations": {
        "id": "a",
        "priority": 1,
        "targetCondition": "*",
        "labels": {"a": "b"},
        "content": {"modulesContent": {"$edgeAgent": {"properties.desired": {"schemaVersion": "1.1", "modules": {}}}}},
        "metrics": {"queries": {"q": "SELECT * FROM devices"}},
    },
    "/applyConfigurationContent": {
        "modulesContent": {"$edgeHub": {"properties.desired": {"routes": {"a": "FROM /* INTO $upstream"}}}}
    },
    "query": {"query": "SELECT deviceId, COUNT() FROM devices WHERE tags.a = 'x' GROUP BY deviceId"},
    "/methods": {"methodName": "m", "payload": {}, "responseTimeoutInSeconds": 5, "connectTimeoutInSeconds": 1},
    "keys": {"kty": "RSA", "key_size": 2048, "key_ops": ["sign"], "attributes": {"enabled": True}},
    "secrets": {"value": "v", "attributes": {"exp": 5}, "tags": {"a": "b"}},
    "checkName": {"name": "n", "type": "Microsoft.Storage/storageAccounts"},
    "generateCredentials": {"tokenId": "/t", "name": "password1", "expiry": "2030-01-01T00:00:00Z"},
    "getByIds": {"ids": ["a"], "types": ["user"]},
}
"""By a part of the path that takes it."""
ODD_VALUES: tuple[object, ...] = (
    None,
    [],
    {},
    5,
    -1,
    1e999,
    "",
    "x" * 70_000,
    "\ud800",
    True,
    ["a"],
    {"a": {"b": []}},
    "..",
    "nan",
    2**70,
    [None],
    {"": None},
    "\x00",
)
METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "QUERY")
HEADERS = (
    "If-Match: *",
    'If-Match: "\xff"',
    "If-None-Match: *",
    "Range: bytes=9-1",
    "Range: bytes=0-" + "9" * 5000,
    "x-ms-max-item-count: " + "9" * 5000,
    "Range: bytes=\xb2-",
    "x-ms-range: bytes=a-b",
    "Content-Type: \xff",
    "x-ms-version: nan",
    "x-ms-date: x",
    "x-ms-blob-type: x",
    "x-ms-max-item-count: \xb2",
    "x-ms-meta-\xff: a",
    "Authorization: Basic \xff",
    "Authorization: SharedKey a:\xfc",
    "Authorization: SharedAccessSignature sr=a&sig=%FF\xfc&se=" + "9" * 5000,
    "Authorization: Bearer \xff.\xfe.",
    "Authorization: Bearer e30.e30.e30",
)


def spoiled(chance: random.Random, value: object) -> object:
    """The document with one of its values, at any depth, replaced or left out."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        rest = {key: item for key, item in value.items() if key != name}
        return rest if chance.random() < 0.15 else {**rest, name: spoiled(chance, value[name])}
    if isinstance(value, list) and value and chance.random() < 0.7:
        return [spoiled(chance, value[0])]
    return chance.choice(ODD_VALUES)


def body_for(chance: random.Random, path: str) -> bytes:
    fitting = [document for part, document in VALID.items() if part.lower() in path.lower()]
    if fitting and chance.random() < 0.8:
        return json.dumps(spoiled(chance, fitting[-1])).encode()
    return chance.choice(BODIES)
