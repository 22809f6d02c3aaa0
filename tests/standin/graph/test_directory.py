"""Graph as the Azure CLI asks it; `make walk` runs `az ad` and `--assignee` themselves."""

from __future__ import annotations

import pytest
import requests

from standin.core.directory import Kind
from tests.standin.authorization.principals import SUBSCRIPTION, Person, registered
from tests.standin.running import RunningStandin
from tests.waiting import DEADLINE_S

GRAPH = "https://graph.microsoft.com"


def asked(person: Person, method: str, path: str, body: object = None, audience: str = GRAPH) -> requests.Response:
    known = person.registered
    kind = "User" if known.kind == "User" else ""
    token = person.standin.do(
        lambda base: base.issuer.issue(audience, object_id=known.object_id, client_id=known.client_id, kind=kind)
    )
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(method, f"{GRAPH}/v1.0{path}", json=body, headers=headers, timeout=DEADLINE_S)


def test_a_person_is_told_who_they_are_and_a_service_is_not(azure: RunningStandin) -> None:
    person, service = registered(azure, "me", "User"), registered(azure, "service")
    assert asked(person, "GET", "/me").json()["id"] == person.object_id
    answer = asked(service, "GET", "/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


@pytest.mark.parametrize(("kind", "odata"), [("User", "user"), ("ServicePrincipal", "servicePrincipal")])
def test_principals_are_found_by_object_and_by_the_name_they_sign_in_with(
    azure: RunningStandin, kind: Kind, odata: str
) -> None:
    person = registered(azure, f"a-{odata}", kind)
    (found,) = asked(person, "POST", "/directoryObjects/getByIds", {"ids": [person.object_id, "gone"]}).json()["value"]
    assert (found["@odata.type"], found["displayName"]) == (f"#microsoft.graph.{odata}", f"a-{odata}")
    path = (
        f"/users?$filter=userPrincipalName eq 'a-{odata}@standin.example'"
        if kind == "User"
        else f"/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{person.registered.client_id}')"
    )
    assert [one["id"] for one in asked(person, "GET", path).json()["value"]] == [person.object_id]


def test_a_managed_identity_is_a_service_principal_and_what_is_gone_is_not_found(
    azure: RunningStandin, group: str
) -> None:
    person = registered(azure, "looks")
    path = f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-x"
    principal = azure.arm("PUT", path, {"location": "westeurope"}).json()["properties"]["principalId"]
    assert asked(person, "GET", f"/servicePrincipals/{principal}").json()["displayName"] == "id-x"
    assert azure.arm("DELETE", path).status_code == 200
    assert asked(person, "GET", f"/servicePrincipals/{principal}").status_code == 404


def test_a_token_for_another_service_is_refused(azure: RunningStandin) -> None:
    answer = asked(registered(azure, "x"), "GET", "/me", audience="https://management.azure.com")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
