"""Turns what an operation raises into the gRPC status that the engine shows to the user."""

from __future__ import annotations

import traceback
from types import TracebackType
from typing import NoReturn, TypeAlias

import grpc

from pluginbase.proto import provider_pb2, status_pb2
from pluginbase.resource import OperationContext, PartialFailure, ProviderError
from pluginbase.terminal import wrapped
from pluginbase.values import Properties, dump

Context: TypeAlias = grpc.ServicerContext

# The engine prints the text of this code alone; of others it also prints the code.
_CODE = grpc.StatusCode.FAILED_PRECONDITION


class Reporting:
    """Every exception of an RPC leaves as a status, with no secret in it.

    with Reporting(context, ctx, plugin="toy"):
        box.create(ctx, inputs)
    """

    def __init__(
        self,
        context: Context,
        ctx: OperationContext,
        *,
        plugin: str,
        plain_errors: tuple[type[Exception], ...] = (),
        secret_outputs: frozenset[str] = frozenset(),
        inputs: Properties | None = None,
    ) -> None:
        self._context = context
        self._ctx = ctx
        self._plugin = plugin
        self._plain_errors: tuple[type[Exception], ...] = (ProviderError, *plain_errors)
        self._secret_outputs = secret_outputs
        self._inputs = inputs or {}

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        scrub = self._ctx.secrets.scrub
        if isinstance(error, PartialFailure):
            self._abort_partially(error)
        elif isinstance(error, self._plain_errors):
            self._context.abort(_CODE, wrapped(scrub(str(error))))
        elif isinstance(error, NotImplementedError):
            self._context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error) or "not implemented")
        elif isinstance(error, Exception):
            self._ctx.engine.log(self._ctx.urn, scrub("".join(traceback.format_exception(error))), "debug")
            text = f"internal error in the {self._plugin} plugin: {type(error).__name__}: {error}"
            self._context.abort(_CODE, wrapped(scrub(text)))

    def _abort_partially(self, failure: PartialFailure) -> NoReturn:
        """An error that carries a resource: the engine keeps it in its state, marked as not in order."""
        secrets = self._ctx.secrets
        inputs = failure.inputs if failure.inputs is not None else self._inputs
        detail = provider_pb2.ErrorResourceInitFailed(
            id=failure.id,
            properties=dump(failure.outputs, secrets.places(failure.outputs, self._secret_outputs)),
            reasons=[wrapped(secrets.scrub(reason)) for reason in failure.reasons],
            inputs=dump(inputs, secrets.places(inputs)),
        )
        status = status_pb2.Status(code=_CODE.value[0], message="resource failed to initialize")
        status.details.add().Pack(detail)
        self._context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        self._context.abort(_CODE, status.message)
