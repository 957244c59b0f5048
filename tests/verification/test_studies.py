"""verify: the record of a study's steps, and the tables that no other record has."""

from pathlib import Path

import pytest

from crosswarp.cli.flags import with_flags
from crosswarp.documents import read_json
from crosswarp.errors import InputError
from crosswarp.files import write_json
from crosswarp.provenance import Finding, products_of
from crosswarp.study.step_records import FORMAT
from crosswarp.verification.folder import verify

STEP = {"settings": "a", "inputs": "b", "outputs": "c", "seconds": 1.0, "pieces": 1}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "cohort.tsv").write_text("participant_id\nsub-01\n")
    products = products_of(tmp_path, ["cohort.tsv"])
    steps = {"cohort": {**STEP, "products": products}, "compare": STEP}
    write_json(tmp_path / "study.json", {"format": FORMAT, "steps": steps})
    return tmp_path


def found(folder: Path) -> list[Finding]:
    [one] = verify(folder)
    assert (one.path, one.holds) == (".", "a study")
    return one.findings


def test_a_table_is_held_against_the_record(study: Path) -> None:
    assert found(study) == []
    table = study / "cohort.tsv"
    table.write_text("participant_id\nsub-02\n")
    [changed] = found(study)
    assert (changed.path, changed.kind) == ("cohort.tsv", "changed")
    again = "crosswarp run STUDY --steps cohort"
    assert with_flags(changed.mend) == f"{again} --overwrite"
    (study / "study.yaml").touch()
    assert found(study)[0].mend.startswith(f"crosswarp run {study / 'study.yaml'}")
    table.unlink()
    [gone] = found(study)
    assert (gone.kind, "--overwrite" in with_flags(gone.mend)) == ("gone", False)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "crosswarp-study-1"}'])
def test_a_damaged_record_is_told(study: Path, content: str) -> None:
    path = study / "study.json"
    path.write_text(content)
    mend = f"rm {path} && crosswarp run STUDY"
    assert found(study) == [Finding("study.json", "damaged", "cannot be read", mend)]


def test_the_record_of_another_version_is_told(study: Path) -> None:
    write_json(study / "study.json", {"format": "crosswarp-study-9", "steps": {}})
    [one] = found(study)
    assert (one.path, one.kind) == ("study.json", "mixed")
    assert "crosswarp-study-9; this one writes crosswarp-study-1" in one.says


def test_a_file_of_that_name_that_others_wrote_is_passed_over(study: Path) -> None:
    write_json(study / "study.json", {"title": "another program's"})
    with pytest.raises(InputError, match="holds nothing that crosswarp made"):
        verify(study)


@pytest.mark.parametrize("name", ["/none/such", "../other.tsv", "x" * 300])
def test_a_record_may_name_any_file(study: Path, name: str) -> None:
    record = read_json(study / "study.json")
    record["steps"]["cohort"]["products"] = {name: {"bytes": 1, "sha256": "0"}}
    write_json(study / "study.json", record)
    [gone] = found(study)
    assert (gone.path, gone.kind) == (name, "gone")
