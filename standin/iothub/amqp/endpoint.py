"""A hub's Event Hub-compatible endpoint: who may read what from where, and the answers of `$cbs` and `$management`.

https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from standin.iothub.amqp import errors
from standin.iothub.amqp.errors import AmqpError
from standin.iothub.amqp.links import AnswerLink, Link, ReaderLink, RequestLink
from standin.iothub.amqp.messages import Message
from standin.iothub.amqp.received import Attach
from standin.iothub.amqp.types import Array, Int, Symbol, Timestamp
from standin.iothub.events.log import EventLog
from standin.iothub.events.selector import SelectorError, start
from standin.iothub.kernel.tokens import TokenError, parse_token

if TYPE_CHECKING:
    from standin.iothub.amqp.session import Session

_CBS, _MANAGEMENT = "$cbs", "$management"
_READERS_LIMIT = 5
_CONSUMER = re.compile(r"([^/]+)/consumergroups/([^/]+)/partitions/([^/]+)", re.IGNORECASE)
_STATUS = {errors.UNAUTHORIZED: 401, errors.NOT_FOUND: 404, errors.NOT_IMPLEMENTED: 501}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a put token allows: everything below `path`, until `expiry` (seconds since 1970)."""

    path: str
    expiry: int

    def allows(self, path: str) -> bool:
        return self.expiry > time.time() and (path + "/").lower().startswith(self.path)


class Endpoint:
    """`keys(policy)` gives the keys of a policy that may read (ServiceConnect), or none; `groups()` the consumer groups
    in lower case."""

    def __init__(
        self,
        name: str,
        *,
        log: EventLog,
        created: datetime,
        keys: Callable[[str], list[str]],
        groups: Callable[[], set[str]],
    ) -> None:
        self.name = name
        self._log = log
        self._created = created
        self._keys = keys
        self._groups = groups
        self._readers: dict[int, set[ReaderLink]] = {number: set() for number in range(log.partitions)}
        self._stop = log.listen(self._appended)

    def close(self) -> None:
        """The hub is gone, and its readers with it."""
        self._stop()
        gone = AmqpError(errors.NOT_FOUND, f"The messaging entity '{self.name}' could not be found.")
        for reader in [reader for readers in self._readers.values() for reader in readers]:
            reader.session.expel(reader, gone)

    def _appended(self, partition: int) -> None:
        for reader in list(self._readers[partition]):
            reader.pump()

    # -- links

    def link(self, session: Session, attach: Attach) -> Link:
        """The link that answers an attach; raises AmqpError where it is refused."""
        path = _path(attach.address)
        if path in (_CBS, _MANAGEMENT):
            kind = AnswerLink if attach.receiver else RequestLink
            return kind(session, attach, path)
        if not any(grant.allows(path) for grant in session.grants):
            text = f"Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: '{path}'."
            raise AmqpError(errors.UNAUTHORIZED, text)
        if not attach.receiver:
            raise AmqpError(errors.NOT_IMPLEMENTED, f"'{path}' only sends: messages come from devices.")
        group, partition = self._consumer(path)
        reader = ReaderLink(
            session,
            attach,
            log=self._log,
            group=group,
            partition=partition,
            position=self._position(partition, attach.selector),
        )
        self._claim(reader)
        return reader

    def _consumer(self, path: str) -> tuple[str, int]:
        match = _CONSUMER.fullmatch(path)
        if match is None or match[1].lower() != self.name.lower():
            raise _not_found(path)
        if match[2].lower() not in self._groups():
            raise _not_found(f"{self.name}:{match[2]}")
        return match[2].lower(), self._partition(match[3])

    def _partition(self, text: str) -> int:
        if text.isascii() and text.isdigit() and int(text) < self._log.partitions:
            return int(text)
        message = (
            "The specified partition is invalid for an EventHub partition sender or receiver. "
            f"It should be between 0 and {self._log.partitions - 1}.\nParameter name: PartitionId"
        )
        raise AmqpError(errors.OUT_OF_RANGE, message)

    def _position(self, partition: int, selector: str | None) -> int:
        try:
            return start(self._log, partition, selector)
        except SelectorError as error:
            raise AmqpError(errors.INVALID_FIELD, str(error)) from error

    def _claim(self, reader: ReaderLink) -> None:
        """Owner level (epoch): the higher one steals, the lower one is refused; five readers at most without."""
        others = [other for other in self._readers[reader.partition] if other.group == reader.group]
        highest = max((other.epoch for other in others if other.epoch is not None), default=None)
        if highest is not None and (reader.epoch is None or reader.epoch < highest):
            text = (
                f"Receiver '{reader.name}' with a higher epoch '{highest}' already exists. "
                f"Receiver '{reader.name}' with epoch {reader.epoch or 0} cannot be created."
            )
            raise AmqpError(errors.STOLEN, text)
        if reader.epoch is None:
            if len(others) >= _READERS_LIMIT:
                text = f"Exceeded the maximum number of allowed receivers per partition which is {_READERS_LIMIT}."
                raise AmqpError(errors.RESOURCE_LIMIT, text)
            return
        for other in others:
            text = (
                f"New receiver '{reader.name}' with higher epoch of '{reader.epoch}' is created hence current receiver "
                f"'{other.name}' with epoch '{other.epoch or 0}' is getting disconnected."
            )
            other.session.expel(other, AmqpError(errors.STOLEN, text))

    def opened(self, reader: ReaderLink) -> None:
        self._readers[reader.partition].add(reader)

    def closed(self, reader: ReaderLink) -> None:
        self._readers[reader.partition].discard(reader)

    def expire(self, session: Session, grants: list[Grant]) -> None:
        """Detaches the readers whose token has run out and was not renewed."""
        expired = AmqpError(errors.UNAUTHORIZED, "ExpiredToken: The token is expired.")
        for link in list(session.links.values()):
            if isinstance(link, ReaderLink) and not any(grant.allows(_path(link.node)) for grant in grants):
                session.expel(link, expired)

    # -- requests

    def request(self, grants: list[Grant], node: str, message: Message) -> Message:
        try:
            if node == _CBS:
                self._put_token(grants, message)
                return _answer(202, "Accepted", None)
            if not any(grant.expiry > time.time() for grant in grants):
                raise AmqpError(errors.UNAUTHORIZED, "Unauthorized access. A token must be put first.")
            return _answer(200, "OK", self._read(message.application))
        except AmqpError as error:
            # azure-eventhub shows the service's text only where `error-condition` is there
            answer = _answer(_STATUS.get(error.condition, 400), error.text, None)
            answer.application["error-condition"] = Symbol(error.condition)
            return answer

    def _put_token(self, grants: list[Grant], message: Message) -> None:
        if message.application.get("operation") != "put-token":
            raise AmqpError(errors.NOT_IMPLEMENTED, f"operation {message.application.get('operation')!r}")
        try:
            token = parse_token(message.value if isinstance(message.value, str) else "")
            keys = self._keys(token.policy or "")
            if not keys:
                raise TokenError("InvalidSignature: The token's policy is unknown or may not read.")
            token.check(keys)
        except TokenError as error:
            raise AmqpError(errors.UNAUTHORIZED, str(error)) from error
        grants[:] = [grant for grant in grants if grant.expiry > time.time()]
        grants.append(Grant((_resource_path(token.resource)).lower(), token.expiry))

    def _read(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked.get("operation") != "READ":
            raise AmqpError(errors.NOT_IMPLEMENTED, f"operation {asked.get('operation')!r}")
        name, kind = str(asked.get("name") or ""), asked.get("type")
        if name.lower() != self.name.lower():
            raise _not_found(name)
        if kind == "com.microsoft:eventhub":
            return self._hub(kind)
        if kind == "com.microsoft:partition":
            return self._partition_state(kind, str(asked.get("partition")))
        raise AmqpError(errors.NOT_IMPLEMENTED, f"type {kind!r}")

    def _hub(self, kind: str) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": kind,
            "created_at": Timestamp(self._created.timestamp() * 1000),
            "partition_count": Int(self._log.partitions),
            "partition_ids": Array(tuple(str(number) for number in range(self._log.partitions))),
        }

    def _partition_state(self, kind: str, partition: str) -> dict[str, Any]:
        state = self._log.state(self._partition(partition))
        return {
            "name": self.name,
            "type": kind,
            "partition": partition,
            "begin_sequence_number": state.first_sequence,
            "last_enqueued_sequence_number": state.last_sequence,
            "last_enqueued_offset": state.last_offset,
            "last_enqueued_time_utc": Timestamp(state.last_enqueued_ms),
            "is_partition_empty": state.empty,
        }


def _answer(status: int, text: str, value: Any) -> Message:
    return Message(application={"status-code": Int(status), "status-description": text}, value=value)


def _not_found(name: str) -> AmqpError:
    return AmqpError(errors.NOT_FOUND, f"The messaging entity '{name}' could not be found.")


def _path(address: str) -> str:
    """`amqps://host/hub/ConsumerGroups/...` or the path alone."""
    return unquote(urlsplit(address).path if "://" in address else address).strip("/")


def _resource_path(resource: str) -> str:
    """A token for a host alone covers all of it; else what lies below its path, which ends in a slash here."""
    path = urlsplit(resource).path if "://" in resource else resource.partition("/")[2]
    return f"{path.strip('/')}/" if path.strip("/") else ""
