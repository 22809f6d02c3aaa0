"""A model behind a managed online endpoint, up, in place of what the stack file has; that is put back at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.azureml.online.place import Place
from tests.e2e.stack.local_stack import LocalStack


@pytest.fixture(scope="package")
def place(stack_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(LocalStack(), tmp_path_factory.mktemp("online"))
    with made.stack.stack_file() as file:
        made.configure(file)
        made.up()
        assert made.host and made.address
        yield made
