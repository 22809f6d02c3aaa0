"""Loads an Azure ML entry script: `init()` once, then `run(data)` per request. How `run` is called: call_forms.py.

https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from images.scoring.bodies import bodies_of
from images.scoring.bodies.json import JSON
from images.scoring.errors import StartError
from images.scoring.model import azureml
from images.scoring.model.azureml_forms import bytes_form, fields_form, raw_form, text_form
from images.scoring.model.call_forms import CallForm, typed_form
from images.scoring.model.callables import function_of, is_typed, kind_of, must_take_names, must_take_one, parameters_of
from images.scoring.model.own_paths import paths_of
from images.scoring.model.script_faults import last_lines, summary

_MODULE_NAME = "entry_module"
"""As it is called there, too."""


def load_entry_script(path: Path, *, model_folder: Path) -> CallForm:
    """Import the script and call its `init`; whatever it raises is a StartError that says where."""
    if not path.is_file():
        raise StartError(f"entry script {path} is missing")
    # before the script imports ONNX Runtime, which since 1.29 reports every session to its maker unless told not to
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    # from here on Azure ML's own convention, which scripts rely on
    os.environ["AZUREML_MODEL_DIR"] = str(model_folder)
    os.environ["AML_APP_ROOT"] = str(path.parent)
    os.environ["AZUREML_ENTRY_SCRIPT"] = str(path)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    azureml.prepare()
    module = _imported(path)
    init = function_of(module, "init", path)
    form = replace(_call_form(module, path), paths=paths_of(module, path.name))
    try:
        init()
    except BaseException as error:
        raise _fault(f"init() of {path.name} failed", error, path) from error
    return form


def declared_input(path: Path) -> Mapping[str, Any] | None:
    """JSON schema of what `run` takes as JSON, where its type or a decorator says so. The script is imported, `init` is
    not called. Raises StartError."""
    azureml.prepare()
    module = _imported(path)
    run = _run_of(module, path)
    if (schemas := azureml.schemas(run)) is not None:
        own: Mapping[str, Any] = schemas[0]
        return own
    kind = kind_of(run, parameters_of(run, path)[0], path)
    part = bodies_of(kind).get(JSON) if is_typed(kind) else None
    return None if part is None else msgspec.json.schema(part)


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(_MODULE_NAME, path)
    if spec is None or spec.loader is None:
        raise StartError(f"entry script {path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    # annotations are resolved through sys.modules
    sys.modules[_MODULE_NAME] = module
    writes_bytecode = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # nothing is ever added to an artifact folder
    try:
        spec.loader.exec_module(module)
    except StartError:
        raise
    except BaseException as error:
        raise _fault(f"entry script {path.name} cannot be imported", error, path) from error
    finally:
        sys.dont_write_bytecode = writes_bytecode
    return module


def _fault(what: str, error: BaseException, path: Path) -> StartError:
    message = f"{what}: {summary(error, path)}"
    if isinstance(error, ModuleNotFoundError):
        root = str(error.name).partition(".")[0]
        module = str(error.name) if root == "azureml" else root  # of azureml a part is there: model/azureml.py
        message += _remedy(module)
    return StartError(message, detail=last_lines(error, path))


def _remedy(module: str) -> str:
    if module in sys.stdlib_module_names:
        # outside of an image: the interpreter lies in a folder of root's, and root is given up before this
        return f"; it is of Python's own library, which user {os.getuid()} may not read in {sys.base_prefix}"
    return f"; the image has no package {module!r}: name it in serving.in beside score.py, then make lock"


def _call_form(module: ModuleType, path: Path) -> CallForm:
    run = _run_of(module, path)
    parameters = parameters_of(run, path)
    first = parameters[0]
    if (form := _azureml_form(run, parameters, path)) is not None:
        return form
    kind = kind_of(run, first, path)
    if is_typed(kind):
        must_take_one(run, path)
        return typed_form(run, kind, path.name, slow=_is_slow(module, path))
    must_take_names(run, path, only=first.name)
    return bytes_form(run, first.name) if kind is bytes else text_form(run, first.name)


def _azureml_form(run: Callable[..., Any], parameters: list[inspect.Parameter], path: Path) -> CallForm | None:
    """Where a decorator of Azure ML's says how `run` is called."""
    schemas = azureml.schemas(run)
    if azureml.wants_raw_request():
        if schemas is not None:
            raise StartError(f"run() of {path.name} has both @rawhttp and @input_schema, allowed is one of them")
        must_take_names(run, path, only=parameters[0].name)
        return raw_form(run, parameters[0].name)
    if schemas is not None:
        must_take_names(run, path)
        return fields_form(run, parameters, schemas)
    return None


def _is_slow(module: ModuleType, path: Path) -> bool:
    slow = getattr(module, "SLOW", False)
    if not isinstance(slow, bool):
        raise StartError(f"SLOW of {path.name} is {slow!r}, allowed are True and False")
    return slow


def _run_of(module: ModuleType, path: Path) -> Callable[..., Any]:
    """Azure's SDK puts a driver before some scripts, whose `init` does something and whose `run` only passes on."""
    driven = getattr(module, "driver_module", None)
    return function_of(driven if isinstance(driven, ModuleType) and hasattr(driven, "run") else module, "run", path)
