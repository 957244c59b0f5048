"""provenance: a set of files that does not belong together is told, however it came."""

import json
from pathlib import Path

import pytest

from crosswarp.errors import MissingDerivativeError, MixedError
from crosswarp.provenance import (
    begin_record,
    changed_products,
    changed_sources,
    faults_of,
    files_in,
    is_begun,
    products_of,
    require_whole,
    sources_of,
    write_record,
)

COMMAND = "crosswarp made-up"


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A stage that read ``in.tsv`` and wrote two files and its record."""
    (tmp_path / "in.tsv").write_text("in")
    (tmp_path / "deep").mkdir()
    for name in ("a.tsv", "deep/b.tsv"):
        (tmp_path / name).write_text(name)
    write_record(
        tmp_path / "stage.json",
        {"said": 1},
        products=["deep/b.tsv", "a.tsv"],
        sources=sources_of({"in": tmp_path / "in.tsv", "none": tmp_path / "none"}),
    )
    return tmp_path


def require(stage: Path) -> dict[str, object]:
    now = sources_of({"in": stage / "in.tsv"})
    return require_whole(stage / "stage.json", now, COMMAND)


def test_a_record_names_what_was_written_and_read(stage: Path) -> None:
    record = require(stage)
    assert record["said"] == 1
    assert list(record["products"]) == ["a.tsv", "deep/b.tsv"]
    assert record["products"] == products_of(stage, ["a.tsv", "deep/b.tsv"])
    assert record["products"]["a.tsv"]["bytes"] == 5
    assert len(record["made_from"]["in"]) == 16
    assert record["made_from"]["none"] is None
    assert record == json.loads((stage / "stage.json").read_text())


@pytest.mark.parametrize(
    ("spoil", "kind", "says"),
    [
        (Path.unlink, "gone", "is gone"),
        (lambda path: path.write_text("x"), "damaged", "has 1 bytes in place of 5"),
        (lambda path: path.write_text("b.tsv"), "changed", "was changed after it was"),
    ],
)
def test_a_product_that_is_another_is_refused(
    stage: Path, spoil, kind: str, says: str
) -> None:
    spoil(stage / "a.tsv")
    [(name, found, said)] = faults_of(stage, require_record(stage))
    assert (name, found) == ("a.tsv", kind)
    assert said.startswith(says)
    with pytest.raises(MixedError, match=rf"a\.tsv {says}.*; run `{COMMAND}` again"):
        require(stage)


def require_record(stage: Path) -> dict[str, object]:
    return dict(json.loads((stage / "stage.json").read_text()))


def test_sizes_alone_do_not_tell_all(stage: Path) -> None:
    (stage / "a.tsv").write_text("b.tsv")
    record = require_record(stage)
    assert changed_products(stage, record, by_digest=False) == []
    assert len(changed_products(stage, record)) == 1


def test_a_source_that_is_another_is_refused(stage: Path) -> None:
    (stage / "in.tsv").write_text("other")
    with pytest.raises(
        MixedError, match=r"stage\.json was not made from the present in"
    ):
        require(stage)
    (stage / "in.tsv").unlink()
    with pytest.raises(MissingDerivativeError, match="the present in; run"):
        require(stage)


def test_a_source_that_came_later_is_another(stage: Path) -> None:
    record = require_record(stage)
    assert changed_sources(record, {"none": None, "unknown": "x"}) == []
    assert changed_sources(record, {"none": "0"}) == ["none"]


def test_a_stage_that_has_begun_is_refused_until_it_ends(stage: Path) -> None:
    begin_record(stage / "stage.json", {"said": 2})
    assert is_begun(require_record(stage))
    with pytest.raises(MixedError, match=rf"`{COMMAND}` was begun and has not ended"):
        require(stage)
    write_record(stage / "stage.json", {"said": 2})
    assert require(stage)["said"] == 2


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"a": NaN'])
def test_a_record_that_is_damaged_is_refused(stage: Path, content: str) -> None:
    (stage / "stage.json").write_text(content)
    with pytest.raises(MixedError, match=rf"cannot be read; run `{COMMAND}` again"):
        require(stage)


@pytest.mark.parametrize("listed", [None, [], "x", {"a.tsv": None}, {"a.tsv": []}])
def test_a_record_of_another_kind_raises_nothing_else(
    stage: Path, listed: object
) -> None:
    record = {"products": listed, "made_from": listed}
    faults = faults_of(stage, record)
    expected = ["damaged"] if isinstance(listed, dict) else []
    assert [kind for _, kind, _ in faults] == expected
    assert changed_sources(record, {"in": "0"}) == []


def test_all_files_are_named_from_the_folder_on(stage: Path) -> None:
    assert files_in(stage) == ["a.tsv", "deep/b.tsv", "in.tsv", "stage.json"]


def test_a_record_in_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "image.txt").write_text("image")
    record = write_record(tmp_path / "new" / "r.json", {}, products=["../image.txt"])
    assert record["products"]["../image.txt"]["bytes"] == 5


@pytest.mark.parametrize("name", ["x" * 300, "y/" * 3000, "\0", "\ud800", "/none/such"])
def test_a_name_that_no_file_has_is_gone(stage: Path, name: str) -> None:
    assert changed_products(stage, {"products": {name: {}}}) == [f"{name} is gone"]
