"""A village archive for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publish.village import Village


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    made = Village(tmp_path)
    yield made
    made.close()
