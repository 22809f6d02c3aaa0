"""Translates the operations on an account and its containers."""

from __future__ import annotations

from collections.abc import Mapping

from standin.blob.accounts import Accounts
from standin.blob.errors import AccountNotFound
from standin.blob.listing import blob_list, container_list
from standin.blob.state import Blobs
from standin.blob.wire import check_container_name, metadata_headers, metadata_of, stamps
from standin.core.arm import Resource
from standin.core.http import Request, Response, empty


class ContainerHandlers:
    def __init__(self, accounts: Accounts, blobs: Blobs) -> None:
        self._accounts = accounts
        self._blobs = blobs

    def account(self, request: Request) -> Resource:
        name = request.host.split(".", 1)[0]
        account = self._accounts.named(name)
        if account is None:
            raise AccountNotFound(name)
        return account

    async def containers(self, request: Request, _: Mapping[str, str]) -> Response:
        name = self.account(request).name
        return container_list(name, self._blobs.containers(name, request.query.get("prefix", "")), request.query)

    async def account_information(self, request: Request, _: Mapping[str, str]) -> Response:
        account = self.account(request)
        told = {"x-ms-sku-name": str(account.body["sku"]["name"]), "x-ms-account-kind": str(account.body["kind"])}
        return empty(200, {**told, "x-ms-is-hns-enabled": str(bool(account.properties.get("isHnsEnabled"))).lower()})

    async def create(self, request: Request, parameters: Mapping[str, str]) -> Response:
        name = self.account(request).name
        check_container_name(parameters["container"])
        made = self._blobs.create_container(name, parameters["container"], metadata_of(request))
        return empty(201, stamps(made["etag"], made["modified"]))

    async def show(self, request: Request, parameters: Mapping[str, str]) -> Response:
        found = self._blobs.container(self.account(request).name, parameters["container"])
        state = {"x-ms-lease-status": "unlocked", "x-ms-lease-state": "available"}
        return empty(200, {**stamps(found["etag"], found["modified"]), **state, **metadata_headers(found["metadata"])})

    async def set_metadata(self, request: Request, parameters: Mapping[str, str]) -> Response:
        name = self.account(request).name
        made = self._blobs.set_container_metadata(name, parameters["container"], metadata_of(request))
        return empty(200, stamps(made["etag"], made["modified"]))

    async def delete(self, request: Request, parameters: Mapping[str, str]) -> Response:
        self._blobs.delete_container(self.account(request).name, parameters["container"])
        return empty(202)

    async def blobs(self, request: Request, parameters: Mapping[str, str]) -> Response:
        name, container = self.account(request).name, parameters["container"]
        listed = self._blobs.list(name, container, request.query.get("prefix", ""))
        return blob_list(name, container, listed, request.query)
