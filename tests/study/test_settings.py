"""The study file: what it may hold, and all that may be wrong with it at once."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.execution.options import EngineName, EngineOptions
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.settings import GreedySettings
from crosswarp.study.settings import read_engine, read_study


def written(folder: Path, **content: object) -> Path:
    path = folder / "study.yaml"
    known = {"name": "a", "data": {"bids": "raw"}, "models": ["compact_jsm"]}
    path.write_text(yaml.safe_dump({**known, **content}))
    (folder / "raw").mkdir(exist_ok=True)
    return path


def faults(folder: Path, **content: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_study(written(folder, **content))
    first, *listed = str(caught.value).splitlines()
    assert first == f"{folder / 'study.yaml'} has {len(listed)} fault(s):"
    return [line.strip() for line in listed]


def test_little_is_enough_and_paths_count_from_the_file(tmp_path: Path) -> None:
    found = read_study(written(tmp_path))
    assert found.out == tmp_path
    assert found.data.bids == tmp_path / "raw"
    assert found.preprocessing.settings == PreprocessSettings()
    assert found.folds.folds == 5
    assert read_study(written(tmp_path, out="elsewhere")).out == tmp_path / "elsewhere"


def test_every_registration_setting_and_limit_can_be_chosen(tmp_path: Path) -> None:
    limits = {"overlap": {"fine": [0.95, None], "used": [0.9, None]}}
    chosen = {"backend": "greedy", "metric_radius": 3, "smoothing": [2.0, 1.0]}
    found = read_study(
        written(tmp_path, preprocessing={"registration": chosen, "limits": limits})
    ).preprocessing.settings
    assert found.registration == GreedySettings(metric_radius=3, smoothing=(2.0, 1.0))
    assert found.limits.overlap.used == (0.9, None)
    named = read_study(written(tmp_path, preprocessing={"registration": "greedy"}))
    assert named.preprocessing.settings.registration == GreedySettings()


def test_a_template_is_known_by_what_its_files_hold(tmp_path: Path) -> None:
    for name in ("t1w.nii", "mask.nii"):
        (tmp_path / name).write_text(name)
    files = {"t1w": "t1w.nii", "mask": "mask.nii", "space": "Mine"}
    found = read_study(written(tmp_path, preprocessing={"template": files}))
    template = found.preprocessing.settings.template
    assert template is not None
    assert template.t1w == tmp_path / "t1w.nii"
    assert template.t1w_digest != template.mask_digest
    assert found.preprocessing.space == "Mine"


def test_rules_of_a_cohort_and_of_an_archive(tmp_path: Path) -> None:
    rules = {"map": {"SMC": "CN"}, "missing": [88], "sex_codes": {1: "M"}}
    found = read_study(written(tmp_path, cohort=rules)).cohort.labels
    assert found.mapping == {"SMC": "CN"}
    assert found.missing == ("88",)
    assert found.sex_codes == {"1": "M"}
    archive = read_study(
        written(
            tmp_path,
            data={"archive": {"name": "adni", "folder": "raw"}},
            cohort={"subgroups": "keep", "conversion": 36, "exclude": "study.yaml"},
        )
    ).cohort
    options = archive.options(frozenset({"x"}))
    assert (options.subgroups, options.conversion) == ("keep", 36)
    assert (options.exclude, options.exclude_from) == ({"x"}, "study.yaml")


def test_virtual_participants(tmp_path: Path) -> None:
    chosen = {"participants": 6, "classes": ["CN", "MCI"], "sites": 3, "seed": 4}
    found = read_study(written(tmp_path, data={"simulation": chosen}))
    assert found.data.simulation is not None
    settings = found.data.simulation.settings(workers=1)
    assert settings.participants == 6
    assert settings.classes == (Diagnosis.CN, Diagnosis.MCI)
    assert settings.acquisition.sites == ("site1", "site2", "site3")


def test_all_faults_come_at_once_with_their_keys(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        nme="b",
        data={"bids": "nowhere", "simulation": {"preset": "ease"}},
        preprocessing={
            "registration": {"backend": "map", "trst": 3},
            "template": {"t1w": "no.nii", "mask": "no.nii", "space": "A"},
        },
        cohort={"diagnosis": "never", "drop": ["? ?"]},
        folds={"folds": 1},
        models=["compact_jms"],
        engine={"name": "slurm", "job": 3},
    )
    for start in (
        "nme: unknown key; did you mean name?",
        "data.bids: there is no ",
        "data.simulation: no preset 'ease' (did you mean easy?)",
        "preprocessing.registration.map.trst: unknown key; did you mean trust?",
        "preprocessing.template: there is no ",
        "cohort.diagnosis: Input should be 'visit', 'baseline' or 'group'",
        "cohort.drop: diagnosis '? ?' is not a label",
        "folds.folds: Input should be greater than or equal to 2",
        "models.0: no model 'compact_jms', did you mean compact_jsm?",
        "engine.job: unknown key; did you mean jobs?",
    ):
        assert any(line.startswith(start) for line in found), (start, found)
    assert len(found) == 10


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"data": {}}, "data: give one of bids, archive, simulation, or a table"),
        (
            {"data": {"bids": "raw", "simulation": {}}},
            "data: bids and simulation are given; give one of them",
        ),
        (
            {"data": {"simulation": {}, "cohort": "study.yaml"}},
            "data: cohort and simulation both say which scans there are",
        ),
        (
            {"data": {"simulation": {}, "derivatives": "raw"}},
            "data: derivatives are finished maps and do not go with simulation",
        ),
        ({"cohort": {"cdr": "stage"}}, "cohort: cdr can be chosen for data.archive"),
        (
            {"data": {"cohort": "study.yaml"}, "cohort": {"drop": ["MCI"]}},
            "cohort: data.cohort is taken as it is; leave drop out",
        ),
        (
            {"folds": {"file": "study.yaml", "repeats": 2}},
            "folds: file is taken as it is; leave repeats out",
        ),
        (
            {"evaluation": {"reference": "jsm"}},
            "evaluation.reference: no model 'jsm'; there are compact_jsm",
        ),
        (
            {"explanation": {"models": ["compact_jms"]}},
            "explanation.models: no model 'compact_jms'; did you mean compact_jsm?",
        ),
        ({"engine": {"name": "dask", "mem": "8G"}}, "engine: mem is for engine slurm"),
    ],
)
def test_what_does_not_fit_together(content, told: str, tmp_path: Path) -> None:
    assert any(line.startswith(told) for line in faults(tmp_path, **content))


def test_no_file_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no study file at .*; crosswarp init .* wri"):
        read_study(tmp_path / "study.yaml")


def test_no_attribution_maps_if_none_are_wanted(tmp_path: Path) -> None:
    assert read_study(written(tmp_path, explanation=False)).explanation is None
    found = read_study(written(tmp_path, explanation=True)).explanation
    assert found is not None
    assert found.models == ()


def test_an_engine_by_name_or_in_a_file_of_its_own(tmp_path: Path) -> None:
    assert read_study(written(tmp_path, engine="dask")).engine.name is EngineName.DASK
    assert read_engine("local") == EngineOptions()
    file = tmp_path / "cluster.yaml"
    file.write_text('{name: slurm, jobs: 3, mem: 8G, time: "01:00:00"}')
    assert read_engine(str(file)).jobs == 3
    file.write_text("{name: slurm, job: 3}")
    with pytest.raises(InputError, match=r"engine.job: unknown key; did you mean jobs"):
        read_engine(str(file))
    with pytest.raises(InputError, match="expected `engine` local, dask, slurm or a"):
        read_engine("cloud")


def test_reading_a_study_loads_no_torch() -> None:
    program = "import sys, crosswarp.study.settings; print('torch' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert printed.stdout == "False\n"
