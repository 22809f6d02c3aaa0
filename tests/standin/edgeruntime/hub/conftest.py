from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.standin.edgeruntime import running_hub


@pytest.fixture
async def site() -> AsyncIterator[running_hub.Site]:
    async with running_hub.site() as made:
        yield made


@pytest.fixture
async def running(site: running_hub.Site) -> running_hub.Site:
    await site.start_edge()
    return site
