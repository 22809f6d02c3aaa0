"""The sections of docs/errors.md and the cases in each. What is said comes from the tests that make these mistakes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.docs.errors_page import Case, Section
from tests.infra.settings.good import GONE, GOOD, LAYER
from tests.infra.settings.refused import REFUSED

SettingsCase = tuple[tuple[str | int, ...], Any]

SETTINGS_CASES: Sequence[SettingsCase] = [
    *((path, value) for path, value, _ in REFUSED),
    ((*LAYER, "targetCondition"), 'tags.model = "anomaly"'),
]


def settings_case(path: Sequence[str | int], value: Any) -> str:
    """`key: value` as one would write it; of a second entry only what is not as in the first."""
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    if value is GONE:
        return f"`{key}` left out"
    if isinstance(value, Mapping) and path[0] in ("edgeway:models", "edgeway:layers") and len(path) == 2:
        first = GOOD[str(path[0])][0]
        value = {name: item for name, item in value.items() if name == "name" or item != first[name]}
    return f"`{key}: {json.dumps(value)}`"


SETTINGS = Section(
    "settings", {settings_case(path, value): Case(settings_case(path, value)) for path, value in SETTINGS_CASES}
)

MANIFEST = Section(
    "manifest",
    {
        "large": Case(
            "desired properties of 36 KB", "Take something out: what is large belongs into the image or into a blob."
        ),
        "value": Case("one value of 5,000 bytes", "Shorten or split it."),
        "route": Case(
            "a route whose types do not fit: `FROM /messages/* WHERE celsius > 25 INTO $upstream`",
            "Write what stands last in the message, at that column.",
        ),
        "module": Case(
            "a route into a module that is not there (`scorre`)", "Name one of those that the message lists."
        ),
        "condition": Case(
            "a condition that cannot be read: `tags.model is anomaly`",
            "Correct it at that column: `tags.model = 'anomaly'`.",
        ),
        "priority": Case("a layer at priority 5", "Give the layer 20 or more."),
    },
)

COMMAND = Section(
    "command",
    {
        "stack": Case("`edgeway show --stack nope`", "Name one of those that there are, or write the file."),
        "not started": Case("`edgeway env` before the first `make up`", "`make up`."),
        "timeout": Case("`edgeway monitor --timeout soon`", "Give seconds."),
        "count": Case("`edgeway monitor --count none`", "Give a number."),
        "file": Case("`edgeway invoke nofile.json`", "Name a file that is there, or `-` for standard input."),
        "plain http": Case("`edgeway invoke --url http://example.com/score`", "Use the https address."),
    },
)

READY = Section(
    "ready",
    {
        "no model": Case("a file that is none of those", "Give the file that training saved."),
        "pickle": Case("a pickle without `--trust`", "Say `--trust`, where you trust who made it."),
        "cut off": Case("an ONNX that was cut off", "Copy it again."),
        "own operators": Case("an ONNX with operators of its maker's", "Export it without them."),
        "weights elsewhere": Case("an ONNX with its weights in another folder", "Copy them beside it."),
        "torch": Case("a file of PyTorch", "Run its lines."),
        "pyfunc": Case("an MLflow folder of python_function alone", "As the message says."),
        "columns": Case("`--columns a,b` for an input of three numbers", "Name all three, or none."),
        "example": Case("a line of `--examples` that does not fit", "Correct that line."),
    },
)

IMPORT = Section(
    "import",
    {
        "no json": Case("a file that is no JSON", "Correct it at that place."),
        "no deployment": Case(
            "JSON that is no deployment", "Give a deployment's own JSON, or what the portal exports."
        ),
        "twice": Case("a key that stands twice", "Take one of them out."),
        "no tag": Case("an image without a tag", "Write the tag, or better the digest."),
        "createOptions": Case("createOptions that Docker would not take", "Write what stands last in the message."),
        "route": Case("a route from a module that is not in the file", "Name one of those that the message lists."),
        "placeholder": Case("a template with its placeholders", "Give what the template's tool makes of it."),
        "name": Case("`--name Line-1`", "Give such a name."),
    },
)

STACK = Section(
    "stack",
    {
        "settings": Case(
            "a wrong key, type and value at once (`pulumi preview`, `pulumi up`)",
            "Correct each in `Pulumi.<stack>.yaml`; nothing was changed.",
        ),
        "condition": Case(
            "a target condition that cannot be read", "Correct it at that column: text stands in single quotes."
        ),
        "data source": Case("`train.data.source: ftp` (`make up`)", "Name one of those sources."),
        "data file": Case("`train.data: {source: csv, path: no.csv}` (`make up`)", "Correct the path."),
        "threshold": Case(
            "a model outside its threshold (`max_depth: 2`)",
            "Train another model, or widen the threshold that the message names. The stack keeps its model.",
        ),
        "docker absent": Case(
            "no Docker engine, at `pulumi up` with an image to build",
            "Start it, or correct DOCKER_HOST; run `pulumi up` again.",
        ),
        "docker absent at init": Case("no Docker engine, at `make up` or `make init`", "As the message says."),
        "training disk": Case(
            "a full disk under TMPDIR, at the training", "Free some, or name another folder; run `pulumi up` again."
        ),
        "engine disk": Case(
            "a full disk of the Docker engine, at the build", "Free some as the message says; run `pulumi up` again."
        ),
        "port": Case("a port of the stand-in is taken", "As the message says."),
        "state": Case(
            "a second stand-in on the same folder", "Use the one that runs, or end it: `tools/standin.sh stop`."
        ),
        "device": Case("`edgeway device config nope`", "Name one of those that there are."),
        "model": Case("`edgeway invoke --model nope`", "Name one of those that there are."),
        "invoke": Case("`edgeway invoke` with a body that the service refuses", "Correct the body at that path."),
    },
)

ROLLOUT = Section(
    "rollout",
    {
        "silent": Case(
            "a camera whose address nobody answers (`make up`, `edgeway rollout wait`; exit code 3)",
            "Correct what the module complains of; `edgeway device logs ID MODULE` has more of it.",
        ),
        "mount": Case(
            "a mount of a file that the device has not got (exit code 1, after the agent's third try)",
            "Put the file there, or correct its path.",
        ),
        "ends": Case(
            "a module that ends at each start (exit code 1, after three restarts)",
            "Correct what its last line names.",
        ),
    },
)

GATE = Section(
    "gate",
    {
        "wrong golden example": Case(
            "an answer that differs from a golden example",
            "Correct the script, or the example where training writes it.",
        ),
        "exception in init": Case("an exception in `init`", "Correct that line."),
        "exception in run": Case("an exception in `run`", "Correct that line."),
        "missing package": Case("a package that the image has not", "As the message says, or do without it."),
        "syntax error": Case("a syntax error in a file of the model (`pulumi preview`, too)", "Correct that line."),
        "memory over the place's limit": Case(
            "more memory than the smallest place has", "Raise `memoryGb` or `memoryMb` of that place, or load less."
        ),
        "answer slower than the limit": Case(
            "an answer that takes longer than `latencyMs`", "Raise `latencyMs` of that place, or answer faster."
        ),
    },
)

SCORING = Section(
    "scoring",
    {
        "no JSON": Case("`machine: 21`", "Send JSON (RFC 8259)."),
        "cut": Case('`{"machine": {"temperature": 21,`', "Send the whole body."),
        "empty": Case("an empty body", "Send one row, or a list of rows."),
        "field": Case("`machine.pressure` left out", "Send every field of `/swagger.json`."),
        "type": Case('`machine.temperature: "hot"`', "Send the type that is named."),
        "null": Case("`machine.temperature: null`", "Send the type that is named."),
        "range": Case("`machine.temperature: 1e300`", "Stay within the range."),
        "row": Case("the second row of a list is wrong", "Correct that row; no row of the list was scored."),
        "large": Case("a body of 5 MB", "Send fewer rows at a time."),
        "large, unannounced": Case("a body of 5 MB in chunks, its length not announced", "Send fewer rows at a time."),
        "wrong key": Case("another key", "Take the key of the stack's output `scoringKeys`; `edgeway invoke` does."),
        "no key": Case("no key", "Send the header."),
        "large, packed": Case("5 MB packed into a few KB (gzip)", "Send fewer rows at a time."),
        "method": Case("`PUT /score`", "Use POST."),
        "path": Case("`/nowhere`", "Use a path that there is."),
        "encoding": Case("`Content-Encoding: br`", "Pack with gzip, or not at all."),
    },
)

SECTIONS = (SETTINGS, MANIFEST, COMMAND, READY, IMPORT, STACK, ROLLOUT, GATE, SCORING)
