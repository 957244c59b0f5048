"""`crosswarp jacobian`: what is typed, what is printed."""

import typer
from typer.testing import CliRunner

from crosswarp.cli.jacobian import TransformFormat
from crosswarp.cli.main import app
from crosswarp.documents import read_json
from crosswarp.provenance import begin_record, changed_products
from crosswarp.registration.foreign.table import FORMATS
from tests.registration.foreign.written import Case, bent, itk_composite, plain


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["jacobian", *map(str, words)])
    return done.exit_code, done.output


def test_the_command_knows_all_formats() -> None:
    assert [each.value for each in TransformFormat] == list(FORMATS)
    assert "jacobian" in typer.main.get_command(app).commands


def test_a_map_is_written_and_told(tmp_path) -> None:
    case = Case(tmp_path, plain())
    path, reference = itk_composite(case), case.reference()
    code, said = run(path, tmp_path / "map.nii.gz", "--reference", reference)
    assert code == 0
    assert "folds in 0 of 2688 voxels (0.00%)" in said
    assert "affine part: log volume ratio 0.0983, not in the map" in said
    code, said = run(
        path, tmp_path / "map.nii.gz", "--reference", reference, "--keep-affine"
    )
    assert ", in the map" in said


def test_folds_are_a_warning(tmp_path) -> None:
    case = Case(tmp_path, plain())
    field = bent(case.points)
    field[5:9, ..., 0] -= 1.5 * case.points[5:9, ..., 0]
    path = case.save("flow.nii.gz", field[:, :, :, None], called="RAS+ mm")
    out = tmp_path / "map.nii.gz"
    code, said = run(path, out, "--reference", case.reference())
    assert code == 0
    assert "warning: where it folds, the map has the logarithm of 0.01" in said


def test_a_map_without_an_end_is_written_again(tmp_path) -> None:
    """Killed between map and sidecar, the command once refused its own map."""
    case = Case(tmp_path, plain())
    words = (itk_composite(case), tmp_path / "map.nii.gz", "--reference")
    assert run(*words, case.reference())[0] == 0
    whole = read_json(tmp_path / "map.json")
    begin_record(tmp_path / "map.json", {"Description": whole["Description"]})
    assert run(*words, case.reference())[0] == 0
    assert read_json(tmp_path / "map.json") == whole
    assert changed_products(tmp_path, whole) == []
    (tmp_path / "map.nii.gz").write_bytes(b"another")
    assert changed_products(tmp_path, whole) != []
