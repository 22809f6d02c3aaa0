"""What a process imports once that forks a child for each run: the program, and the parts of the SDK that are imported
when they are first touched.
"""

from __future__ import annotations

import importlib

import dryrun.program  # noqa: F401

_HEAVY = (
    "applicationinsights", "authorization", "containerinstance", "containerregistry", "iothub", "keyvault",
    "machinelearningservices", "managedidentity", "operationalinsights", "resources", "storage",
)  # fmt: skip
for name in _HEAVY:
    # an import alone gives pulumi's lazy module (pulumi 3.272, _utils.py), which loads when an attribute is asked for
    getattr(importlib.import_module(f"pulumi_azure_native.{name}"), "__all__", None)
