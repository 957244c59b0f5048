"""What made the maps of a cohort: whole settings, other limits, refused scans."""

from typing import Any

import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import write_table
from crosswarp.errors import MissingDerivativeError
from crosswarp.files import write_json
from crosswarp.inputs.made_with import find_kept, find_preprocessing
from crosswarp.inputs.missing import list_missing
from crosswarp.inputs.samples import find_samples
from crosswarp.preprocessing.kept import KeptSettings, settings_digest, write_kept
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from tests.tiny_maps import SPACE

OTHER = QualityLimits(folded=Limits(fine=(None, 0), used=(None, 0.5)))


@pytest.fixture
def cohort(tiny) -> pd.DataFrame:
    return read_cohort(tiny / "cohort.tsv")


@pytest.fixture
def samples(cohort, derivatives):
    return find_samples(cohort, derivatives)


def sidecar(path):
    return path.with_name(path.name.replace(".nii.gz", ".json"))


def record(cohort, derivatives, settings: dict[str, Any], *numbers: int):
    """Write the settings into the sidecars of some scans; read all sidecars anew."""
    samples = find_samples(cohort, derivatives)
    for number in numbers or range(len(samples)):
        write_json(sidecar(samples[number].jsm), {"Settings": settings})
    return find_samples(cohort, derivatives)


def as_json(**settings: Any) -> dict[str, Any]:
    return PreprocessSettings(resolution=2, **settings).model_dump(mode="json")


def test_other_limits_are_no_other_preprocessing(cohort, derivatives) -> None:
    samples = record(cohort, derivatives, as_json())
    made = find_preprocessing(samples)
    assert made == settings_digest(as_json())
    samples = record(cohort, derivatives, as_json(limits=OTHER), 3)
    assert find_preprocessing(samples) == made


def test_whole_settings_are_found_and_no_parts(samples, cohort, derivatives) -> None:
    """What a folder keeps has the newest limits; a default is no record."""
    assert find_kept(samples, derivatives) is None
    samples = record(cohort, derivatives, as_json())
    recorded = KeptSettings(settings=PreprocessSettings(resolution=2))
    assert find_kept(samples, derivatives) == recorded
    judged = PreprocessSettings(resolution=2, limits=OTHER)
    write_kept(derivatives.folder, judged)
    newest = KeptSettings(settings=judged, steps=STEPS_VERSION)
    assert find_kept(samples, derivatives) == newest
    other = PreprocessSettings(resolution=2, brain_mask="hd-bet")
    write_kept(derivatives.folder, other)
    assert find_kept(samples, derivatives) == recorded
    samples = record(cohort, derivatives, {"resolution": "two"}, 0)
    assert find_kept(samples, derivatives) is None


def test_maps_that_the_quality_control_refuses_are_not_used(
    samples, derivatives, cohort
) -> None:
    rows = [["sub-01", "n/a", SPACE, 2, "failed", "failed", "overlap of 0.8"]]
    rows += [["sub-02", "n/a", SPACE, 1, "failed", "failed", "on another grid"]]
    rows += [["sub-03", "n/a", SPACE, 2, "failed", "n/a", "cannot be read any more"]]
    names = ["participant_id", "session_id", "space", "resolution", "status", "qc"]
    write_table(
        derivatives.folder / "ledger.tsv",
        pd.DataFrame(rows, columns=[*names, "reason"]),
    )
    with pytest.raises(MissingDerivativeError, match=r"1 of 4 scans .* sub-01;"):
        find_samples(cohort, derivatives)
    left = find_samples(cohort, derivatives, allow_missing=True)
    assert {s.scan.label for s in samples} - {s.scan.label for s in left} == {"sub-01"}
    assert find_samples(cohort, derivatives, any_quality=True) == samples
    missing = list_missing(cohort, derivatives, left)
    assert missing[["lacks", "reason"]].to_numpy().tolist() == [
        ["none", "overlap of 0.8"]
    ]
    (derivatives.folder / "ledger.tsv").write_bytes(b"\xff")
    assert find_samples(cohort, derivatives) == samples
