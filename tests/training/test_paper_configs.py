"""The files of the paper's comparison: what `--check` says of them, maps in place."""

import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path
from crosswarp.cli.flags import with_flags
from crosswarp.errors import InputError
from crosswarp.files import write_json
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.models.catalogue import EXTENTS
from crosswarp.training.experiment import Experiment, read_experiment
from crosswarp.training.plan import plan_run
from tests.tiny_maps import SPACE

CONFIGS = Path(__file__).parents[2] / "configs"
USUAL = ["CN-AD", "CN-MCI", "CN-MCI+AD", "MCI-AD", "CN-MCI-AD"]


def cohort_of(labels: tuple[str, ...]) -> pd.DataFrame:
    """Six participants of each diagnosis."""
    diagnoses = [label for label in labels for _ in range(6)]
    return pd.DataFrame(
        {
            "participant_id": [f"sub-{n:02d}" for n in range(len(diagnoses))],
            "session_id": "n/a",
            "diagnosis": diagnoses,
            "age_years": 70.0,
            "sex": "F",
            "site": "a",
            "origin": "virtual",
        }
    )


def write_inputs(
    folder: Path, labels: tuple[str, ...], derivatives: str, registration: str, end=""
) -> None:
    """Write cohort, folds, and maps of the whole template at 1 mm that share a file."""
    cohort = cohort_of(labels)
    write_cohort(folder / f"cohort{end}.tsv", cohort)
    cohort = read_cohort(folder / f"cohort{end}.tsv")
    write_folds(folder / f"folds{end}.tsv", make_folds(cohort, folds=2))
    empty = folder / "empty.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros(EXTENTS[1], np.int8), np.eye(4)), empty)
    settings = {"registration": {"backend": registration}}
    for participant in cohort["participant_id"]:
        scan = ScanId(str(participant))
        for desc in ("preproc", "logjacobian"):
            path = derivative_path(
                folder / derivatives, scan, space=SPACE, res=1, desc=desc
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(empty)
            sidecar = path.with_name(path.name.replace(".nii.gz", ".json"))
            write_json(sidecar, {"Fingerprint": scan.label, "Settings": settings})


def read(folder: Path, name: str) -> Experiment:
    (folder / "configs").mkdir(exist_ok=True)
    path = shutil.copy(CONFIGS / name, folder / "configs" / name)
    return read_experiment(Path(path))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "derivatives", "registration", "other"),
    [
        ("paper.yaml", "derivatives-ants", "ants", "map"),
        ("paper-own-registration.yaml", "derivatives", "two_stage", "ants"),
    ],
)
def test_the_comparison_and_its_twin(
    tmp_path: Path, name: str, derivatives: str, registration: str, other: str
) -> None:
    write_inputs(tmp_path, ("CN", "MCI", "AD"), derivatives, registration)
    experiment = read(tmp_path, name)
    by_task = experiment.by_task()
    assert list(by_task) == USUAL
    summary = plan_run(by_task["CN-MCI+AD"]).summary()
    assert "scans: 6 CN, 12 MCI+AD" in summary
    assert not any(model.has_batch_norm for model in experiment.models)
    made = CONFIGS.joinpath(name).read_text()
    command = f"preprocess BIDS {derivatives} --resolution 1"
    assert f"{command} --registration {registration}" in made
    for path in tmp_path.rglob("*desc-logjacobian*.json"):
        settings = {"registration": {"backend": other}}
        write_json(path, {"Fingerprint": path.name, "Settings": settings})
    with pytest.raises(InputError) as refused:
        plan_run(by_task["CN-AD"])
    assert f"{command} --registration {registration};" in with_flags(str(refused.value))


def test_the_twins_differ_by_their_maps_alone(tmp_path: Path) -> None:
    for name in ("cohort.tsv", "folds.tsv", "derivatives", "derivatives-ants"):
        (tmp_path / name).mkdir()
    names = ("paper.yaml", "paper-own-registration.yaml")
    found = [read(tmp_path, name) for name in names]
    own = {"name", "derivatives", "registration"}
    one, twin = (experiment.model_dump(exclude=own) for experiment in found)
    assert one == twin


def test_every_large_encoder_has_a_pretrained_twin(tmp_path: Path) -> None:
    for name in ("cohort.tsv", "folds.tsv", "derivatives-ants"):
        (tmp_path / name).mkdir()
    fresh = read(tmp_path, "paper.yaml").models
    large = {m.encoder for m in fresh if m.encoder != "plain_cnn"}
    models = {m.name: m for m in read(tmp_path, "paper-pretrained.yaml").models}
    twins = {name: m for name, m in models.items() if any(m.weights_of_encoders)}
    assert {m.encoder for m in twins.values()} == large
    differs = {"name", "weights", "jsm_weights"}
    for name, twin in twins.items():
        assert all(twin.weights_of_encoders)
        plain = models[name.replace("_pretrained", "")]
        assert plain.model_dump(exclude=differs) == twin.model_dump(exclude=differs)


@pytest.mark.slow
def test_progression(tmp_path: Path) -> None:
    labels = ("sMCI", "pMCI")
    write_inputs(tmp_path, labels, "derivatives-ants", "ants", "-progression")
    experiment = read(tmp_path, "paper-progression.yaml")
    assert experiment.classes == labels
    assert "scans: 6 sMCI, 6 pMCI" in plan_run(experiment).summary()
