"""The configurations of a hub.

https://learn.microsoft.com/rest/api/iothub/service/configuration
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from standin.core.clock import Clock, iso
from standin.core.store import Store
from standin.iothub.configurations.configuration import Configuration, configuration_request
from standin.iothub.kernel.document_cache import DocumentCache
from standin.iothub.kernel.errors import BadRequest, Conflict, Forbidden, NotFound
from standin.iothub.kernel.etags import check_etag
from standin.iothub.kernel.transactions import Transactions, transactional
from standin.iothub.twins.section import same


class Configurations:
    def __init__(self, store: Store, clock: Clock, hub: str, transactions: Transactions, *, limit: int) -> None:
        self._cache = DocumentCache(store, "iothub configuration", hub, Configuration)
        self._clock = clock
        self.transactions = transactions
        self._limit = limit
        self._listeners: list[Callable[[], None]] = []
        self.reload = self._cache.reload
        self.clear = self._cache.clear

    def listen(self, changed: Callable[[], None]) -> None:
        """`changed` hears of every write, inside the transaction."""
        self._listeners.append(changed)

    def _tell(self) -> None:
        for changed in self._listeners:
            changed()

    def all(self) -> list[Configuration]:
        return sorted(self._cache, key=lambda configuration: configuration.id)

    def get(self, id_: str) -> Configuration:
        configuration = self._cache.get(id_)
        if configuration is None:
            message = f"Configuration with id '{id_}' does not exist on IotHub."
            raise NotFound(message, code="ConfigurationNotFound")
        return configuration

    @transactional
    def put(self, id_: str, body: Mapping[str, Any], if_match: str | None) -> Configuration:
        requested = configuration_request(id_, body)
        old = self._cache.get(id_)
        if if_match is None:
            if old is not None:
                message = f"Configuration with id '{id_}' already exist on IotHub."
                raise Conflict(message, code="ConfigurationAlreadyExists")
            return self._create(requested)
        return self._update(self.get(id_), requested, if_match)

    def _create(self, requested: Configuration) -> Configuration:
        if len(self._cache) >= self._limit:
            message = f"The hub has {self._limit} configurations, which is the most it may have."
            raise Forbidden(message, code="ConfigurationCountLimitExceeded")
        now = iso(self._clock.now())
        return self._put(replace(requested, created=now, updated=now))

    def _update(self, old: Configuration, requested: Configuration, if_match: str) -> Configuration:
        check_etag(if_match, old.etag)
        if not same(old.content, requested.content):
            # https://github.com/Azure/azure-iot-hub-python/issues/2, https://github.com/ansible-collections/azure/issues/1063
            message = f"The content of the configuration '{old.id}' cannot be updated, only replaced by another one's."
            raise BadRequest(message, code="InvalidConfigurationContent")
        now = iso(self._clock.now())
        return self._put(replace(requested, created=old.created, updated=now, number=old.number + 1))

    def _put(self, configuration: Configuration) -> Configuration:
        self._cache.put(configuration.id, configuration)
        self._tell()
        return configuration

    @transactional
    def delete(self, id_: str, if_match: str | None) -> None:
        check_etag(if_match, self.get(id_).etag)
        self._cache.delete(id_)
        self._tell()
