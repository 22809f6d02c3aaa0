"""What a job needs before it starts: its image, asked for by an identity, and a container with its files."""

from __future__ import annotations

from standin.containers.images import Image
from standin.containers.job import runs
from standin.core.arm import Resource
from standin.machinelearning.errors import ComputeGone
from standin.machinelearning.jobs.container import Places, container_of, values_of
from standin.machinelearning.jobs.description import Description
from standin.machinelearning.jobs.errors import JobFailed
from standin.machinelearning.jobs.files import Placed
from standin.machinelearning.jobs.locations import Location
from standin.machinelearning.jobs.means import Means, output_uri


class Preparing:
    def __init__(self, means: Means, job: Resource, description: Description) -> None:
        self._means = means
        self._job = job
        self._description = description
        self._places = Places(job)

    async def image(self) -> Image:
        """Raises JobFailed."""
        return await self._means.images.fetch(self._description.environment_id, self.principal())

    async def create(self, image: Image, token: str) -> None:
        """Makes the container with all its files, and does not start it. `token` is for its metrics."""
        means, said = self._means, self._description
        single, placed = self._placed()
        region, bridge = self._workspace.location, means.docker.bridge_address
        container = container_of(
            means.docker,
            self._job,
            said,
            image,
            vm_size=str(self._compute.properties["properties"]["vmSize"]),
            values=values_of(self._places, said, single),
            variables=means.tracking.variables(self._job, region, token) if bridge else {},
            hosts=means.tracking.hosts(region, bridge) if bridge else {},
        )
        texts = means.tracking.files() if bridge else {}
        with await means.files.packed(self._places.folders(said), placed, texts) as files:
            await runs.create(means.docker, container, files)

    def principal(self) -> str:
        """Who reads, writes and pulls: the identity of the compute, or the workspace's where it has none."""
        asked = self._description.identity
        for resource in (self._compute, self._workspace):
            block = resource.body.get("identity") or {}
            for name, each in (block.get("userAssignedIdentities") or {}).items():
                if asked is None or (
                    asked.client_id in (None, each["clientId"]) and (asked.resource_id or name).lower() == name.lower()
                ):
                    return str(each["principalId"])
            if block.get("principalId"):
                return str(block["principalId"])
        raise JobFailed(f"Neither the compute nor the workspace of the job '{self._job.name}' has that identity.")

    def _placed(self) -> tuple[dict[str, Placed], list[Placed]]:
        """Inputs that are one file, by name; and all files that the container gets."""
        means, workspace, principal = self._means, self._job.parent_id, self.principal()
        single: dict[str, Placed] = {}
        placed: list[Placed] = []
        for name, said in self._description.inputs.items():
            if said.uri is None or said.mode == "Direct":
                continue
            source = means.locations.of(workspace, said.uri)
            means.files.check(source, principal, write=False)
            if said.job_input_type == "uri_file":
                single[name] = means.files.file(source, self._places.input(name))
            else:
                placed += means.files.folder(source, self._places.input(name))
        for name, output in self._description.outputs.items():
            # a mount would fail before the job runs, not after
            means.files.check(means.locations.of(workspace, output_uri(self._job, name, output)), principal, write=True)
        if self._description.code_id:
            code = self._code(self._description.code_id)
            means.files.check(code, principal, write=False)
            placed += means.files.folder(code, self._places.work, writable=True)
        return single, [*placed, *single.values()]

    def _code(self, code_id: str) -> Location:
        code = self._means.arm.get(code_id)
        uri = code.properties.get("codeUri") if code else None
        if not isinstance(uri, str):
            raise JobFailed(f"The code asset '{code_id}' was not found.")
        return self._means.locations.of(self._job.parent_id, uri)

    @property
    def _compute(self) -> Resource:
        compute = self._means.arm.get(self._description.compute_id)
        if compute is None:
            raise JobFailed(ComputeGone(self._description.compute_id.rpartition("/")[2]).message)
        return compute

    @property
    def _workspace(self) -> Resource:
        return self._means.arm.require(self._job.parent_id)
