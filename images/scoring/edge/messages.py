"""A message in, a message out: the edge side of the contract, without a client or a loop."""

from __future__ import annotations

import uuid

from contracts.telemetry import INPUT_SCORER, OUTPUT_SCORER, PROPERTY_MODEL, PROPERTY_RESPONSE, RESPONSE_OK
from images.edge_hub.messages import Inbound, Outbound
from images.scoring.bodies.json import azureml_list_form
from images.scoring.errors import BadRequest
from images.scoring.request import Request
from images.scoring.service.scoring import Answer
from images.scoring.service.service import Service


async def score_message(service: Service, message: Inbound, *, as_list: bool = False) -> Outbound:
    """The scored message; raises ScoringError where it cannot be scored.

    The message id stays: whoever reads the hub can tell a message that was sent twice, as at-least-once delivery may.
    So do the sender's properties: a sequence number or a trace must survive the scoring.
    """
    if message.input_name != INPUT_SCORER:
        raise BadRequest(f"input is {message.input_name!r}, allowed is {INPUT_SCORER!r}")
    scored = service.answer(_request(message))
    answer = scored if isinstance(scored, Answer) else await scored
    device = {"device": service.device} if service.device_chosen else {}
    return Outbound(
        output_name=OUTPUT_SCORER,
        body=azureml_list_form(answer.body) if as_list else answer.body,
        message_id=message.message_id or str(uuid.uuid4()),
        correlation_id=message.correlation_id,
        properties={**message.properties, PROPERTY_RESPONSE: RESPONSE_OK, PROPERTY_MODEL: service.version, **device},
    )


def _request(message: Inbound) -> Request:
    if message.content_type is None:
        return Request(message.body)
    return Request(message.body, headers={b"content-type": message.content_type.encode("latin-1", "replace")})
