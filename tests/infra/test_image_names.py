"""Image references, judged by what the edge agent of the real runtime takes."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest

from dryrun import Plan
from edge.layers import catalogue
from edge.manifest.rules.agent import image_problem
from infra.settings.tree import Settings

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
BY_DIGEST = (
    f"edgewaydev1a2b3c.azurecr.io/edgeway/anomaly@{DIGEST}",
    f"127.0.0.1:31122/edgeway/sensor@{DIGEST}",
    f"mcr.microsoft.com/azureiotedge-simulated-temperature-sensor@{DIGEST}",
)
TAG_AND_DIGEST = (
    f"edgewaydev1a2b3c.azurecr.io/edgeway/anomaly:1.0@{DIGEST}",
    f"mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.5@{DIGEST}",
)
BY_TAG = ("mcr.microsoft.com/azureiotedge-agent:1.6.1", "mcr.microsoft.com/azureiotedge-hub:1.6.1")


def as_the_agent_takes_it(image: str) -> str | None:
    """What edgeAgent runs for a reference; None where it refuses it as "not in the right format".

    Azure/iotedge, edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Docker/DockerConfig.cs, `ValidateAndGetImage`:
    after the last `/` comes a name without a colon, then at the most one colon with a tag; without one it is `:latest`.
    The colon of `@sha256:...` counts as a tag's.
    """
    name, *rest = image.strip().rpartition("/")[2].split(":")
    if not name or len(rest) > 1 or rest == [""]:
        return None
    return image.strip() if rest else f"{image.strip()}:latest"


@pytest.mark.parametrize("image", [*BY_DIGEST, *BY_TAG])
def test_what_we_let_through_the_agent_runs_as_it_stands(image: str) -> None:
    assert image_problem(image) is None
    assert as_the_agent_takes_it(image) == image


@pytest.mark.parametrize("image", TAG_AND_DIGEST)
def test_a_tag_and_a_digest_in_one_reference_are_refused_as_the_agent_refuses_them(image: str) -> None:
    assert as_the_agent_takes_it(image) is None
    assert "is not repository@sha256:<64 hex>" in (image_problem(image) or "")


def test_what_the_agent_would_take_for_latest_is_refused() -> None:
    assert as_the_agent_takes_it("mcr.microsoft.com/azureiotedge-hub") == "mcr.microsoft.com/azureiotedge-hub:latest"
    assert "means :latest" in (image_problem("mcr.microsoft.com/azureiotedge-hub") or "")


@pytest.mark.parametrize("image", TAG_AND_DIGEST)
def test_no_setting_takes_a_tag_and_a_digest_in_one_reference(image: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"sensorImage": image}, catalogue()["anomaly"].settings)
    field = next(one for one in msgspec.structs.fields(Settings) if one.name == "base_image")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(image, field.type)


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_agent_takes_every_image_of_a_stacks_deployments(stack: str, planned: Callable[[str, str], Plan]) -> None:
    resources = planned(stack, "up")["resources"]
    contents = [one["inputs"]["content"] for one in resources if one["type"] == "mledge:iothub:EdgeDeployment"]
    images = re.findall(r"'image': '([^']+)'", str(contents))
    assert sum("@sha256:" in image for image in images) >= 2
    assert [image for image in images if as_the_agent_takes_it(image) != image] == []
