"""Tables as they come from other people's programs."""

from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": ["a", None], "size": [0.1, float("nan")]})
    write_table(tmp_path / "t.tsv", table)
    assert (tmp_path / "t.tsv").read_bytes() == b"name\tsize\na\t0.1\nn/a\tn/a\n"
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "t.tsv"), table, check_dtype=False
    )


def test_only_n_a_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("site\nNA\nn/a\nnone\n")
    assert read_table(path)["site"].isna().tolist() == [False, True, False]


def test_text_columns_keep_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("site\tage\n007\t70\nn/a\tn/a\n")
    table = read_table(path, text=["site", "not_there"])
    assert table["site"].tolist()[0] == "007"
    assert table["site"].isna().tolist() == [False, True]
    assert table["age"].tolist()[0] == 70


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("id\tage\na\t1\n")
    with pytest.raises(InputError, match=r"lacks sex, site; it has id, age"):
        read_table(path, ["id", "sex", "site"])


@pytest.mark.parametrize(
    "content", [b"", b"a\tb\n1\t2\n1\t2\t3\t4\n", b"\xff\xfe\x00a"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a tab-separated table"):
        read_table(path)


def test_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table at"):
        read_table(tmp_path / "t.tsv")
