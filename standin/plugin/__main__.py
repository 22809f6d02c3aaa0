"""`python -m standin.plugin ENGINE`: the azure-native plugin of the local stack."""

from __future__ import annotations

import threading
from importlib.metadata import version

from pluginbase.server import serve
from standin.plugin.account import Account
from standin.plugin.invokes import invokes
from standin.plugin.kinds import KINDS
from standin.plugin.resource import AzureResource, canonical


def main() -> None:
    cancelled = threading.Event()
    account = Account(cancelled=cancelled)
    serve(
        "azure-native",
        version("pulumi-azure-native"),
        [AzureResource(kind, account) for kind in KINDS],
        invokes=invokes(account),
        on_configure=account.configure,
        canonical=canonical,
        cancelled=cancelled,
    )


if __name__ == "__main__":
    main()
