"""Readers of study files, of records and of archives' tables, with sound files."""

from collections.abc import Callable
from pathlib import Path

import yaml

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.files import write_json
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import make_chosen_folds
from crosswarp.prediction.external import evaluate_cohort
from crosswarp.running.folder import StudyFolder
from crosswarp.running.record import StudyRecord
from crosswarp.study.cohort_prediction import bundle_before, read_cohort_prediction
from crosswarp.study.environment import (
    environment_here,
    read_environment,
    write_environment,
)
from crosswarp.study.external import read_external
from crosswarp.study.harmonisation import (
    Harmonisation,
    SiteEffect,
    find_harmonisation,
    write_harmonisation,
)
from crosswarp.study.names import (
    COHORT_PREDICTION,
    DONE,
    ENVIRONMENT,
    EXTERNAL,
    HARMONISATION,
    JOB,
    STUDY_RECORD,
)
from crosswarp.study.records import read_fold
from crosswarp.study.settings import read_engine, read_study
from crosswarp.study.step_records import FORMAT
from crosswarp.viewer.jobs import JobStore
from tests.archives import nacc_trees, oasis_trees
from tests.archives.trees import MPRAGE, Ida, dx, imported, listed, write_csv
from tests.faults.seeds import Seeds, in_turn
from tests.prediction.made_answers import FAST, Made
from tests.tiny_maps import write_tiny_cohort
from tests.tiny_study import CHOICES


def study_file(folder: Path) -> Seeds:
    (folder / "raw").mkdir()
    path, engine = folder / "study.yaml", folder / "engine.yaml"
    chosen = {
        **CHOICES,
        "folds": {"folds": 2, "stratify": ["sex", "age"]},
        "engine": {"name": "local", "workers": 2},
    }
    path.write_text(yaml.safe_dump(chosen, sort_keys=False))
    engine.write_text("name: slurm\npartition: long\ntime: '02:00:00'\n")
    calls: list[Callable[[], object]] = [
        lambda: read_study(path),
        lambda: read_engine(str(engine)),
    ]
    return Seeds([path, engine], lambda: in_turn(calls))


def study_record(folder: Path) -> Seeds:
    (folder / "raw").mkdir()
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({**CHOICES, "out": "."}, sort_keys=False))
    study = StudyFolder(read_study(path))
    step = {"settings": "0", "inputs": "1", "outputs": "2", "seconds": 1.5, "pieces": 3}
    steps = {"cohort": step, "folds": step}
    write_json(folder / STUDY_RECORD, {"format": FORMAT, "steps": steps})

    def read() -> None:
        record = StudyRecord(study)
        assert not record.is_done("cohort")
        assert record.seconds is not None

    return Seeds([folder / STUDY_RECORD], read)


def cohort_records(folder: Path) -> Seeds:
    out = Made(folder).write()
    evaluate_cohort(out, drawing=FAST)
    calls: list[Callable[[], object]] = [
        lambda: bundle_before(out),
        lambda: read_cohort_prediction(out),
        lambda: read_external(out),
    ]
    targets = [out / name for name in (COHORT_PREDICTION, EXTERNAL)]
    return Seeds(targets, lambda: in_turn(calls))


def fold_records(folder: Path) -> Seeds:
    """Records of one fold and of the machine, the harmonisation of a baseline."""
    site = SiteEffect(participants=8, shift=(0.1, -0.2), scale=(1.1, 0.9))
    found = Harmonisation(
        regions=("hippocampus", "ventricle"),
        sites={"a": site, "b": site},
        mean=(1.5, 2.5),
        deviation=(0.1, 0.2),
        covariates=("age",),
        centre=(70.0,),
        slopes=((0.01, 0.02),),
        tested=4,
        passed_through=1,
    )
    write_harmonisation(folder, found)
    write_json(folder / DONE, {"fingerprint": "f", "seconds": 1.5, "products": {}})
    write_environment(folder, environment_here())
    calls: list[Callable[[], object]] = [
        lambda: find_harmonisation(folder),
        lambda: read_fold(folder),
        lambda: read_environment(folder),
    ]
    names = (HARMONISATION, DONE, ENVIRONMENT)
    return Seeds([folder / name for name in names], lambda: in_turn(calls))


def jobs(folder: Path) -> Seeds:
    job = JobStore(folder).add("sub-01", "compact_jsm", "waiting")

    def read() -> None:
        # A job never vanishes: it is there as it was, or as one that failed.
        store = JobStore(folder)
        assert store.get(job.id) is not None
        store.sweep(60.0)

    return Seeds([folder / job.id / JOB], read)


def fold_design(folder: Path) -> Seeds:
    write_tiny_cohort(folder, 24)
    path = folder / "cohort.tsv"
    table = read_table(path)
    count = len(table)
    described = table.assign(
        sex=["F", "F", "M", "M"] * (count // 4),
        age=[60.0 + n % 25 for n in range(count)],
        family=[f"f{n // 2}" for n in range(count)],
        site=["a", "b", "c"] * (count // 3),
    )
    write_table(path, described)
    balanced = FoldChoices(folds=3, stratify=("sex", "age"), group="family")
    apart = FoldChoices(leave_one_out="site")
    calls: list[Callable[[], object]] = [
        lambda: make_chosen_folds(read_cohort(path), balanced),
        lambda: make_chosen_folds(read_cohort(path), apart),
    ]
    return Seeds([path], lambda: in_turn(calls))


def own_table(folder: Path) -> Seeds:
    for name in ("a.nii.gz", "b.nii.gz", "c.zip"):
        (folder / name).touch()
    rows = [
        {"Subject": "007", "path": "a.nii.gz", "DX": "Dementia", "Age": "70,5"},
        {"Subject": "7", "path": "b.nii.gz", "DX": "control", "Age": "71"},
        {"Subject": "8", "path": "c.zip", "DX": "sMCI", "APOE4": 1},
    ]
    table = write_csv(folder / "mine.csv", rows)
    return Seeds([table], lambda: imported(table))


def adni(folder: Path) -> Seeds:
    ida = Ida(folder)
    person, day = "999_S_0001", "2006-01-10"
    ida.nifti(person, MPRAGE, day, 41124)
    images = [listed(person, MPRAGE, day, 41124)]
    visits = [dx(person, "bl", "2006-02-01", 1), dx(person, "m12", "2007-02-01", 2)]
    tables = [
        write_csv(folder / "ADNI1_1_20_2023.csv", images),
        write_csv(folder / "DXSUM_03Feb2026.csv", visits),
    ]
    return Seeds(tables, lambda: imported(folder, "adni"))


def oasis(folder: Path) -> Seeds:
    root = oasis_trees.oasis3(folder)
    tables = sorted(root.rglob("*.csv"))
    return Seeds(tables, lambda: imported(root, "oasis3"))


def nacc(folder: Path) -> Seeds:
    root = nacc_trees.nacc(folder)
    tables = sorted(root.glob("*.csv"))
    return Seeds(tables, lambda: imported(root, "nacc"))
