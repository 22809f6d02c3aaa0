"""Loads an Azure ML entry script: `init()` once, then `run(data)` per request.

What `run` names as its parameter's type decides what it gets: nothing or `str` the body as text (as Azure ML's own
server does), `bytes` the body itself, any other type the body decoded into it (msgspec: structs, lists, unions).
https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from images.scoring.decoding import refusal
from images.scoring.errors import BadRequest, StartError

_MODULE_NAME = "edgeway_entry_script"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryScript:
    run: Callable[[Any], Any]
    decode: Callable[[bytes], Any]
    """Body to what `run` takes; raises BadRequest."""
    typed: bool
    """A typed `run` is called on the event loop: it must be quick, as a model in ONNX Runtime is."""


def load_entry_script(path: Path, *, model_folder: Path) -> EntryScript:
    """Import the script and call its `init`; whatever it raises is a StartError that says where."""
    if not path.is_file():
        raise StartError(f"entry script {path} is missing")
    # before the script imports ONNX Runtime, which since 1.29 reports every session to its maker unless told not to
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    # the next two are Azure ML's own convention, which scripts rely on
    os.environ["AZUREML_MODEL_DIR"] = str(model_folder)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = _imported(path)
    init, run = (_function(module, name, path) for name in ("init", "run"))
    entry = _entry(run, path)
    try:
        init()
    except BaseException as error:
        raise StartError(f"init() of {path.name} failed: {type(error).__name__}: {error}") from error
    return entry


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
    except BaseException as error:
        raise StartError(f"entry script {path.name} cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = writes_bytecode
    return module


def _function(module: ModuleType, name: str, path: Path) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if not callable(function):
        raise StartError(f"entry script {path.name} has no function {name}()")
    return typing.cast("Callable[..., Any]", function)


def _entry(run: Callable[..., Any], path: Path) -> EntryScript:
    parameters = list(inspect.signature(run).parameters.values())
    if not parameters:
        raise StartError(f"run() of {path.name} must take one argument, the request")
    try:
        kind = typing.get_type_hints(run).get(parameters[0].name, str)
    except NameError as error:
        raise StartError(f"run() of {path.name} has an annotation that cannot be resolved: {error}") from error
    if kind in (str, Any):
        return EntryScript(run=run, decode=_text, typed=False)
    if kind is bytes:
        return EntryScript(run=run, decode=bytes, typed=False)
    return EntryScript(run=run, decode=_typed_decoder(kind, path), typed=True)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"body is not UTF-8: byte {error.start}") from error


def _typed_decoder(kind: Any, path: Path) -> Callable[[bytes], Any]:
    try:
        decode = msgspec.json.Decoder(kind).decode
    except TypeError as error:
        raise StartError(f"run() of {path.name} takes {kind!r}, which cannot be decoded from JSON: {error}") from error

    def typed(body: bytes) -> Any:
        try:
            return decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise refusal(error, body) from error

    return typed
