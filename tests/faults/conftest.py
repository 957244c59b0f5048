"""One process that has imported everything, for all tests here."""

from collections.abc import Iterator

import pytest

from tests.faults.harness import Harness


@pytest.fixture(scope="session")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    with Harness(tmp_path_factory.mktemp("harness")) as running:
        yield running
