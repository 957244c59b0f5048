"""Damaged files, a short turn for each reader: refused in one line, or read.

The long run is `python -m tests.faults.fuzz --inputs 10000 --reader all`.
"""

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosswarp.documents import read_json, read_settings
from crosswarp.errors import CrosswarpError
from tests.faults.fuzz import fuzz
from tests.faults.mutations import KINDS, mutated
from tests.faults.readers import READERS

INPUTS = 60
SHORT = {"dicom": 10, "bundle_card": 25, "bundle_weights": 25, "participants": 40}


@pytest.mark.parametrize("reader", READERS)
def test_damaged_files_raise_nothing_foreign(reader: str, tmp_path: Path) -> None:
    found = fuzz(reader, tmp_path, range(SHORT.get(reader, INPUTS)), seed=1)
    assert found.foreign == {}
    assert found.slow == []
    assert found.long == []
    assert found.inputs == SHORT.get(reader, INPUTS)


def test_each_kind_of_damage_changes_the_file() -> None:
    content = b'{"number": 12.5, "word": "text"}' * 4
    for kind in KINDS:
        made = {bytes(kind(bytearray(content), random.Random(n))) for n in range(9)}
        assert made - {content}


def test_damage_is_made_again_by_its_seed() -> None:
    content = b'{"number": 12.5, "word": "text"}' * 4
    first, again = (mutated(content, random.Random("0-a-1")) for _ in range(2))
    assert first == again


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner)
    ),
    max_leaves=12,
)


@settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(max_size=80) | st.binary(max_size=80) | values.map(repr))
def test_any_text_is_a_document_or_refused(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(
        text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    )
    for read in (read_json, read_settings):
        with contextlib.suppress(CrosswarpError):
            read(path)
