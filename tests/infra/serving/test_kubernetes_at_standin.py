"""What the program sends for a cluster of Kubernetes and an endpoint there, taken by the stand-in in order and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dryrun import KUBERNETES_STACK, Plan, azure_token
from dryrun.bodies import whole
from dryrun.computed import SUBSCRIPTION, computed
from standin.core.auth import SUBSCRIPTION_ID
from standin.plugin import mapping
from standin.plugin.kinds import BY_TOKEN
from tests.standin.asking import Answering
from tests.standin.kubernetesconfiguration.clusters import deleted, made, protected

pytestmark = pytest.mark.slow
ELSEWHERE = ("containerregistry:ScopeMap", "containerregistry:Token", "machinelearningservices:Environment")
"""Not of the way to an endpoint in Kubernetes, or of an image that no registry has here."""


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    made = Answering(tmp_path)
    yield made
    made.base.store.close()


class Principals:
    """Of the dry run, as the stand-in has them."""

    def __init__(self) -> None:
        self._known = {SUBSCRIPTION: SUBSCRIPTION_ID}

    def learn(self, kind: str, name: str, answer: Mapping[str, Any]) -> None:
        faked = computed(kind, name, {})
        for path in (
            ("principalId",),
            ("identityProfile", "kubeletidentity", "objectId"),
            ("aksAssignedIdentity", "principalId"),
        ):
            fake, real = _at(faked, path), _at(answer.get("properties") or {}, path)
            if fake and real:
                self._known[str(fake)] = str(real)

    def put_into(self, value: Any) -> Any:
        text = json.dumps(value)
        for fake, real in self._known.items():
            text = text.replace(fake, real)
        return json.loads(text)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


async def test_each_body_is_taken_and_each_resource_goes_again(
    planned: Callable[[str, str], Plan], answering: Answering
) -> None:
    principals, there = Principals(), list[str]()
    for one in planned(KUBERNETES_STACK, "up")["resources"]:
        token = azure_token(one["type"])
        if not one["custom"] or token not in BY_TOKEN or token.startswith(ELSEWHERE):
            continue
        where = principals.put_into(BY_TOKEN[token].id(SUBSCRIPTION, one["inputs"]))
        if "/Microsoft.Devices/" in where:
            continue
        body = principals.put_into(whole(mapping.body(token, one["inputs"], BY_TOKEN[token].params)))
        if token.endswith(":Extension"):
            properties = body["properties"]  # of the dry run's certificate nothing can be read
            properties["configurationProtectedSettings"] = protected(properties["configurationSettings"]["sslCname"])
        there.append(where)
        answer = await made(answering, where, body)
        state = (answer.get("properties") or {}).get("provisioningState", "Succeeded")
        assert state == "Succeeded", (token, answer)
        principals.learn(one["type"], one["name"], answer)

    assert {where.split("/")[-2] for where in there} >= {"managedClusters", "extensions", "computes", "onlineEndpoints"}
    assert answering.opened
    for where in reversed(there):
        await deleted(answering, where)
    assert answering.opened == set()
