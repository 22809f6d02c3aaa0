"""docs/azure.md from its first command to its last, by the real Azure CLI, Pulumi and Docker against the stand-in.

Once as somebody who is Owner, once as a pipeline with exactly the roles of the page in a group that Owner made. What is
not as on the page: `dev` is called `walk`; nobody types a password, so people sign in as services do; the roles of
identities are waited for 2 s instead of 120 s; the pipeline's model also trains on a cluster, with an online endpoint.
"""

from __future__ import annotations

import re
import time

import pytest

from clone.root import ROOT
from tests.walk.page import block
from tests.walk.place import FOLDER, OWNERS, PIPELINES, Person, Place, stack_file

pytestmark = pytest.mark.walk

_NAME = "walk1"


@pytest.fixture(scope="session")
def owner(place: Place) -> Person:
    """Owner of the subscription, who has made the state of the page's second step."""
    deployer = place.deployer().signed_in()
    person = place.person("owner", "User")
    whole = "/subscriptions/$(az account show --query id -o tsv)"
    deployer.run(f'az role assignment create -o none --assignee {person.object_id} --role Owner --scope "{whole}"')
    person.signed_in()
    new_stack_file(OWNERS)
    others = [line for line in state() if line != initialises()]
    person.environment["PULUMI_BACKEND_URL"] = f"azblob://state?storage_account=stpulumi{_NAME}"
    person.run("\n".join(others), title="step 2: state")
    person.run(here(initialises()))
    person.run(block("register"), title="step 4: register the resource providers")
    return person


def state() -> list[str]:
    return block("state").replace("<x>", _NAME).splitlines()


def initialises() -> str:
    (command,) = [line for line in state() if line.startswith("pulumi stack init")]
    return command


def new_stack_file(stack: str) -> None:
    """dev's configuration, which waits less long for roles."""
    text = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    stack_file(stack).write_text(re.sub(r"(roleSettleSeconds:) \d+", r"\1 2", text), encoding="utf-8")


def with_azure_ml(stack: str) -> None:
    """And the model trains on a cluster and has an online endpoint: what these need of roles, the page gives."""
    text = stack_file(stack).read_text(encoding="utf-8")
    endpoints = "endpoints: [{kind: containerGroup, cpu: 1.0, memoryGb: 1.0}]"
    for was, becomes in (
        ("  edgeway:models:\n", "  edgeway:computes:\n    - {name: cpu-cluster, kind: cluster}\n  edgeway:models:\n"),
        ("      train:\n", "      train:\n        on: cpu-cluster\n"),
        ("{seed: 0}", f"{{seed: {time.time_ns() // 10**8 % 2**31}}}"),  # else this clone's store has the model already
        ("{accuracy: 0.98, recall: 0.97}", "{accuracy: 0.9}"),
        (endpoints, f"{endpoints[:-1]}, {{kind: online, traffic: [100], holdSeconds: 0, probes: 1}}]"),
    ):
        assert text.count(was) == 1, was
        text = text.replace(was, becomes)
    stack_file(stack).write_text(text, encoding="utf-8")


def here(command: str, stack: str = OWNERS) -> str:
    """A command of the page, about the walk's stack; `make` would set this machine up first."""
    command = re.sub(r"(--stack|tools/stack\.sh|stack init) dev\b", rf"\1 {stack}", command)
    return re.sub(r"make (up|down|preview) STACK=dev", rf"tools/\1.sh {stack}", command)


def test_who_is_owner_goes_from_the_first_step_to_the_last(owner: Person) -> None:
    doctor = owner.run(here("edgeway doctor --stack dev || true"))
    assert not re.search(r"^NOT (right|name|deleted|sign-in|state)", doctor, re.MULTILINE), doctor
    owner.run(here("make preview STACK=dev"))
    assert "nothing changes" not in owner.run(here("make up STACK=dev"))
    folder = FOLDER / "edge-01"
    owner.run(here(f"edgeway device config edge-01 --stack dev --out {folder}"))
    assert (folder / "config.toml").is_file()
    owner.run(here("edgeway rollout wait --stack dev --timeout-s 120"))
    assert "nothing is left" in owner.run(here("make down STACK=dev"))


def test_a_pipeline_with_the_pages_roles_goes_up_down_and_up_again_in_a_group_of_somebody_elses(
    owner: Person, place: Place
) -> None:
    pipeline, reader = place.person("pipeline"), place.person("reader")
    roles = block("roles").replace("<object id of the identity for up>", pipeline.object_id)
    roles = roles.replace("<object id of the identity for previews>", reader.object_id)
    owner.run(f"cd {FOLDER}\n{roles}", title="roles")
    new_stack_file(PIPELINES)
    with_azure_ml(PIPELINES)
    owner.run(here(initialises(), PIPELINES))
    block_of_the_stack, who = here(block("stack"), PIPELINES), {"pipeline": pipeline.object_id}
    owner.run(block_of_the_stack, title="stack: existing group, operators", variables=who)
    for person in (pipeline, reader):
        person.environment["PULUMI_BACKEND_URL"] = owner.environment["PULUMI_BACKEND_URL"]
        person.signed_in()

    names = pipeline.run(here("edgeway names --stack dev", PIPELINES))
    pipeline.run(here("make up STACK=dev", PIPELINES))
    assert "nothing changes" in reader.run(here("make preview STACK=dev", PIPELINES))
    assert "Completed" in pipeline.run(here("edgeway job list --stack dev", PIPELINES))
    pipeline.run(here("edgeway verify --model anomaly-online --stack dev", PIPELINES))
    down = pipeline.run(here("make down STACK=dev", PIPELINES))
    assert "the resource group rg-theirs stays, as somebody else made it: empty" in down
    pipeline.run(here("make up STACK=dev", PIPELINES))
    assert pipeline.run(here("edgeway names --stack dev", PIPELINES)) == names
    whole = "/subscriptions/$(az account show --query id -o tsv)"
    taken = f'az role assignment delete --assignee {pipeline.object_id} --role "edgeway deployer" --scope "{whole}"'
    owner.run(taken, title="line C3 is taken away")
    refused = pipeline.run(here("make up STACK=dev", PIPELINES), succeeds=False)
    assert "Microsoft.KeyVault/locations/deletedVaults/purge/action" in " ".join(refused.split())
    assert 'docs/azure.md, "Roles", C3' in " ".join(refused.split())
