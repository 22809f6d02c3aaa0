"""A blocking call in a thread that cannot keep the process from ending, as one of an executor can."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(function: Callable[[], T], *, name: str) -> T:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[], None]) -> None:
        if not done.done():
            set_outcome()

    def report(set_outcome: Callable[[], None]) -> None:
        # a closed loop waits for no outcome any more
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, set_outcome)

    def work() -> None:
        try:
            result = function()
        except BaseException as error:
            failure = error
            report(lambda: done.set_exception(failure))
        else:
            report(lambda: done.set_result(result))

    threading.Thread(target=work, daemon=True, name=name).start()
    return await done
