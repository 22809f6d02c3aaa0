"""One connected client of the endpoint: the tokens it has put, and what they let it attach to and ask for.

https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide
"""

from __future__ import annotations

from typing import Any

from standin.iothub.amqp import errors
from standin.iothub.amqp.errors import AmqpError
from standin.iothub.amqp.links import AnswerLink, Link, LinkSession, RequestLink
from standin.iothub.amqp.messages import Message
from standin.iothub.amqp.received import Attach
from standin.iothub.amqp.types import Int, Symbol
from standin.iothub.eventhub.addresses import CBS, MANAGEMENT, path_of
from standin.iothub.eventhub.errors import unauthorized
from standin.iothub.eventhub.grants import Grant, Keys, put_token
from standin.iothub.eventhub.management import Management
from standin.iothub.eventhub.readers import Readers

_STATUS = {errors.UNAUTHORIZED: 401, errors.NOT_FOUND: 404, errors.NOT_IMPLEMENTED: 501}


class Client:
    """The container (standin.iothub.amqp.container) of one connection; its sessions share the grants."""

    # `$cbs` does the authentication: which SASL mechanism the peer takes does not matter
    mechanisms = ("MSSBCBS", "ANONYMOUS", "EXTERNAL")

    def __init__(self, name: str, keys: Keys, readers: Readers, management: Management) -> None:
        self.name = name
        self.grants: list[Grant] = []
        self._keys = keys
        self._readers = readers
        self._management = management

    def _allows(self, path: str) -> bool:
        return any(grant.allows(path) for grant in self.grants)

    def link(self, session: LinkSession, attach: Attach) -> Link:
        path = path_of(attach.address)
        if path in (CBS, MANAGEMENT):
            kind = AnswerLink if attach.receiver else RequestLink
            return kind(session, attach, path)
        if not self._allows(path):
            raise unauthorized(path)
        if not attach.receiver:
            raise AmqpError(errors.NOT_IMPLEMENTED, f"'{path}' only sends: messages come from devices.")
        return self._readers.link(session, attach, path, lambda: self._allows(path))

    def request(self, node: str, message: Message) -> Message:
        try:
            if node == CBS:
                self._put_token(message)
                return _answer(202, "Accepted", None)
            if not any(grant.valid for grant in self.grants):
                raise AmqpError(errors.UNAUTHORIZED, "Unauthorized access. A token must be put first.")
            return _answer(200, "OK", self._management.read(message.application))
        except AmqpError as error:
            # azure-eventhub shows the service's text only where `error-condition` is there
            answer = _answer(_STATUS.get(error.condition, 400), error.text, None)
            answer.application["error-condition"] = Symbol(error.condition)
            return answer

    def _put_token(self, message: Message) -> None:
        new = put_token(message, self._keys)
        self.grants[:] = [*(grant for grant in self.grants if grant.valid), new]


def _answer(status: int, text: str, value: Any) -> Message:
    return Message(application={"status-code": Int(status), "status-description": text}, value=value)
