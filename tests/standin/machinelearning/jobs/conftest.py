from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.standin.machinelearning.jobs.lab import Lab


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    lab = Lab(tmp_path)
    lab.grant("workspace")
    await lab.upload("code-1", "src/train.py", b"print('x')")
    await lab.upload("code-1", "src/lib/more.py", b"more")
    await lab.upload("code-1", "srcother/no.py", b"of another upload")
    await lab.begin()
    yield lab
    await lab.end()
