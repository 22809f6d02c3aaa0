# mypy: disable-error-code="import-not-found,import-untyped"
"""What entry scripts import from Azure ML's own server, for scripts that ask for the raw request.

Offered only where that server is not installed, and only to scripts that import it. It stands on werkzeug, as the
original does, so that `request.files`, `request.get_data()` and the rest are the very same: an optional package, which
the image installs when the entry script needs it. https://pypi.org/project/azureml-inference-server-http/
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from images.scoring.errors import StartError
from images.scoring.model.environ import wsgi_environ
from images.scoring.request import Request

_ROOTS = {
    "azureml_inference_server_http": "azureml_inference_server_http.api",
    "azureml": "azureml.contrib.services",
}
_REQUEST = tuple(f"{root}.aml_request" for root in _ROOTS.values())
_RESPONSE = tuple(f"{root}.aml_response" for root in _ROOTS.values())
_PACKAGES = (*_ROOTS, "azureml.contrib", *_ROOTS.values())


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Last on the path: the real packages, where they are installed, are found before."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name in _PACKAGES:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return importlib.machinery.ModuleSpec(name, self) if name in _REQUEST + _RESPONSE else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in _REQUEST:
            vars(module).update(rawhttp=rawhttp, AMLRequest=request_class(), _rawHttpRequested=False)
        elif module.__name__ in _RESPONSE:
            vars(module).update(AMLResponse=_response_class())


def rawhttp(run: Callable[..., Any]) -> Callable[..., Any]:
    """Marks the script as the original does: any later decorator may hide the function itself."""
    for name in _REQUEST:
        if name in sys.modules:
            vars(sys.modules[name])["_rawHttpRequested"] = True
    return run


def prepare() -> None:
    """To be called before a script is imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
    for name in _REQUEST:
        if name in sys.modules:
            vars(sys.modules[name])["_rawHttpRequested"] = False
    if (registry := sys.modules.get("inference_schema.schema_util")) is not None:
        # it goes by names of module and function: the schemas of a script loaded before would be taken for this one's
        vars(registry)["__functions_schema__"].clear()


def wants_raw_request() -> bool:
    """Whether the script that was imported last has `@rawhttp`."""
    return any(getattr(sys.modules.get(name), "_rawHttpRequested", False) for name in _REQUEST)


def raw_request(request: Request) -> Any:
    """The request as werkzeug's, which is Flask's without the application."""
    return request_class()(wsgi_environ(request))


def schemas(run: Callable[..., Any]) -> tuple[Any, Any] | None:
    """Those of `inference_schema`, where the script has imported it and decorated `run`."""
    if "inference_schema" not in sys.modules:
        return None
    from inference_schema.schema_util import get_input_schema, get_output_schema, is_schema_decorated

    return (get_input_schema(run), get_output_schema(run)) if is_schema_decorated(run) else None


@cache
def request_class() -> type:
    base: Any = _werkzeug().Request

    class AMLRequest(base):  # type: ignore[misc]
        # where Flask says that its request was routed to
        endpoint = "main.handle_score"
        blueprint = "main"
        blueprints = ("main",)
        view_args: Mapping[str, Any] = {}
        routing_exception = None

        def _get_file_stream(self, *length_type_and_name: Any, **more: Any) -> io.BytesIO:
            # the whole body is in memory by now, and there may be no folder to write in
            return io.BytesIO()

    return AMLRequest


def _werkzeug() -> Any:
    try:
        import werkzeug.wrappers
    except ImportError as error:
        raise StartError(
            "the entry script asks for the raw request, which needs werkzeug: install requirements-azureml.lock"
        ) from error
    return werkzeug.wrappers


def _response_class() -> type:
    base: Any = _werkzeug().Response

    class AMLResponse(base):  # type: ignore[misc]
        """A response of the script's own."""

        default_mimetype = "text/html"  # Flask's, which the original inherits

        def __init__(
            self,
            message: Any,
            status_code: int,
            response_headers: dict[str, str] | None = None,
            json_str: bool = False,
            run_function_failed: bool = False,
        ) -> None:
            headers = response_headers or {}
            if message is None or json_str:
                body = json.dumps({} if message is None else message)
                super().__init__(body, status=status_code, mimetype="application/json")
            else:
                super().__init__(message, status=status_code)
                if "Content-Type" in headers:
                    self.headers.remove("Content-Type")
            self.headers["x-ms-run-function-failed"] = str(run_function_failed)
            for header, value in headers.items():
                for one in value.split(","):
                    self.headers.add(header, one.strip())

    return AMLResponse
