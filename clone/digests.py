"""Every digest of what lies in a clone: SHA-256, 64 hex digits, each recipe under a name of its own.

A recipe's bytes never change: each digest stands in a stack's state, in a tag or in a store's file names, and another
value would train, build or replace what stands. New digests use `of_json` with its defaults.

`card` and `data` are modules of `contracts`; in brackets, how many digits stand there.

digest of               recipe                 made by                stands in, and is read there
----------------------  ---------------------  ---------------------  -------------------------------------------------
an artifact             card.artifact_digest   training               TrainingRun `digest`, `.artifacts/`, version (12)
a data file             data.file_sha256       edgeway data           TrainingRun `data.sha256`, `.local/data/`, card
a data specification    data.spec_key          edgeway data, program  TrainingRun `data.key`, `.local/data/refs/`
a training's inputs     of_training_inputs     program                TrainingRun `inputsDigest`, `.artifacts/runs/`
an attempt of them      of_attempt             program                as a training's inputs, from the second attempt on
a build context         of_files               program, Image         Image `contextDigest`
what makes an image     of_image               Image                  its tag (20), its label `edgeway.content`
an image at the gate    of_gate                Gate                   its tag `gate-...` (12)
a deployment's content  of_deployment_content  EdgeDeployment         `contentDigest`; in the hub, id and label (12)
an environment          of_environment         program                its version in the workspace (12)
an online deployment    of_online_deployment   OnlineModel            its name, `m...` (12)
a model's requirements  of_requirements        TrainingRun            `.local/venvs/` (16)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


def of_files(files: Mapping[str, bytes]) -> str:
    r"""Over `"<name>\0<sha256 of what it holds>\n"`, sorted by name: what contracts.card does for artifacts."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{of_bytes(files[name])}\n".encode())
    return digest.hexdigest()


def of_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def of_json(document: Any, *, compact: bool = True, escaped: bool = False, allow_nan: bool = False) -> str:
    """Over its JSON in UTF-8 with sorted keys. The defaults spell it as `contracts.data.spec_key` does.

    `compact`: no spaces after `,` and `:`. `escaped`: what is not ASCII as `\\uXXXX`. Raises ValueError at a NaN or an
    infinity, unless `allow_nan`, which spells them as Python does.
    """
    separators = (",", ":") if compact else None
    text = json.dumps(document, sort_keys=True, separators=separators, ensure_ascii=escaped, allow_nan=allow_nan)
    return of_bytes(text.encode())


def of_training_inputs(
    *, code: Mapping[str, bytes], data_sha256: str, hyperparameters: Mapping[str, Any], packages: Sequence[str]
) -> str:
    """Escaped, unlike the defaults. `code` is path in the clone -> what it holds, `packages` are lines of the lock."""
    parts = {
        "code": {name: of_bytes(content) for name, content in code.items()},
        "data": data_sha256,
        "hyperparameters": dict(hyperparameters),
        "packages": list(packages),
    }
    return of_json(parts, escaped=True)


def of_attempt(inputs_digest: str, attempt: int) -> str:
    """The first attempt is the inputs' own digest; each other one has another."""
    return inputs_digest if attempt == 1 else of_json({"inputsDigest": inputs_digest, "attempt": attempt})


def of_image(
    *, image: str, context_digest: str, artifact_digest: str | None, build_arguments: Mapping[str, str]
) -> str:
    """Spaced and escaped, and NaN is allowed. Where the image is pushed to does not matter."""
    parts = {
        "image": image,
        "contextDigest": context_digest,
        "artifactDigest": artifact_digest,
        "buildArgs": dict(build_arguments),
    }
    return of_json(parts, compact=False, escaped=True, allow_nan=True)


def of_gate(
    *,
    image_digest: str,
    memory_mb: int,
    timeout_ms: int,
    start_seconds: int,
    network: bool,
    version: int,
    body_limit_mb: int = 1,
    batch_rows: int = 1,
) -> str:
    """As the defaults. Where the image lies does not matter; the last two stand in it where they are not 1."""
    parts: dict[str, Any] = {
        "imageDigest": image_digest,
        "memoryMb": memory_mb,
        "timeoutMs": timeout_ms,
        "startSeconds": start_seconds,
        "network": network,
        "version": version,
    }
    later = {"bodyLimitMb": body_limit_mb, "batchRows": batch_rows}
    return of_json({**parts, **{name: value for name, value in later.items() if value != 1}})


def of_deployment_content(content: Mapping[str, Any]) -> str:
    """As the defaults, but NaN is allowed. `content` is what stands under `modulesContent`."""
    return of_json(content, allow_nan=True)


def of_requirements(content: bytes) -> str:
    """Of a model's `requirements.txt`, byte by byte."""
    return of_bytes(content)


def of_environment(*, image: str, routes: Mapping[str, str], port: int) -> str:
    """Of a version that Azure ML does not change any more. `routes` is what is asked -> its path."""
    return of_json({"image": image, "routes": dict(routes), "port": port})


def of_online_deployment(document: Mapping[str, Any]) -> str:
    """Of what is sent to Azure, without what it changes in place."""
    return of_json(document)
