"""What made the maps is read from their sidecars, and never guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.preprocessing.request import map_path as real_map_path
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.build import REGISTRATIONS
from crosswarp.report.facts import facts_of
from crosswarp.report.making import making_of
from crosswarp.report.maps import map_path
from crosswarp.report.run import Run
from crosswarp.report.texts import methods
from tests.preprocessed import Preprocessed

SCANS = 16
GREEDY = "greedy (picsl-greedy 1.4.0.3, at 2 mm)"


def sidecar(backend: str) -> dict[str, Any]:
    """Settings as preprocessing writes them."""
    settings = PreprocessSettings(registration=REGISTRATIONS[backend])
    return {
        "BrainMask": "deepbet",
        "Settings": settings.model_dump(mode="json"),
        "Versions": {"picsl-greedy": "1.4.0.3", "crosswarp": "0.1.0"},
    }


def write(run: Path, number: int, content: object) -> None:
    path = map_path(Run(run), ScanId(f"sub-{number:03d}", "ses-M00"), "logjacobian")
    path.with_suffix("").with_suffix(".json").write_text(json.dumps(content))


def first_paragraph(run: Path) -> str:
    return methods.write(Run(run)).paragraphs[0]


def test_the_methods_name_what_registered(run: Path) -> None:
    for number in range(SCANS):
        write(run, number, sidecar("greedy"))
    assert f"registration: {GREEDY}. The Jacobian" in first_paragraph(run)
    assert "skull-stripped (brain mask found by deepbet)" in first_paragraph(run)
    assert facts_of(Run(run))["maps"].endswith(f"registration: {GREEDY}")


def test_several_are_counted(run: Path) -> None:
    for number in range(SCANS):
        write(run, number, sidecar("map" if number < 3 else "greedy"))
    mixed = (
        f"registration: {GREEDY} in 13 scans, crosswarp's maximum a posteriori"
        " registration, its prior softer in structures known to change (crosswarp"
        " 0.1.0, at 2 mm) in 3 scans."
    )
    assert mixed in first_paragraph(run)


def test_what_is_not_recorded_is_not_guessed(run: Path) -> None:
    nothing = making_of(Run(run))
    assert nothing.registrations == nothing.brains == {}
    assert "registration: not recorded beside the maps." in first_paragraph(run)
    assert "greedy" not in first_paragraph(run)
    assert "brain mask" not in first_paragraph(run)

    write(run, 0, sidecar("greedy"))
    write(run, 1, [])
    write(run, 2, {"Settings": "greedy", "Versions": None})
    write(run, 3, {"Settings": {"registration": {"backend": "spm"}}})
    path = map_path(Run(run), ScanId("sub-004", "ses-M00"), "logjacobian")
    path.with_suffix("").with_suffix(".json").write_text("{half")
    partly = f"{GREEDY} in 1 scan, spm in 1 scan, not recorded in 14 scans"
    assert making_of(Run(run)).registered_by == partly
    assert making_of(Run(run)).brain_masks == (
        "found by deepbet in 1 scan, not recorded in 15 scans"
    )


def test_without_the_derivatives_nothing_is_recorded(run: Path) -> None:
    (run.parent / "derivatives").rename(run.parent / "elsewhere")
    assert "registration: not recorded" in first_paragraph(run)


@pytest.mark.slow
@pytest.mark.registration
def test_the_sidecar_of_a_real_scan_says_it(
    run: Path, preprocessed: Preprocessed
) -> None:
    scan = ScanId("sub-good")
    path = real_map_path(preprocessed.out, scan, 2, "logjacobian", ".json")
    real = json.loads(path.read_text("utf-8"))
    for number in range(SCANS):
        write(run, number, real)
    version = real["Versions"]["picsl-greedy"]
    assert making_of(Run(run)).registrations == {
        f"greedy (picsl-greedy {version}, at 2 mm)": SCANS
    }
    assert making_of(Run(run)).brain_masks == "found by deepbet"
