"""Experiment file: every fault is shown at once, with the nearest right name."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError
from crosswarp.evaluation.covariates import BASELINE
from crosswarp.training.experiment import read_experiment, write_experiment
from crosswarp.training.primary import EVALUATED


def test_names_are_resolved_and_paths_follow_the_file(tiny) -> None:
    models = ["compact_t1w", {"like": "compact_jsm", "name": "a", "pooling": "max"}]
    experiment = read_experiment(tiny.write(models=models))
    assert [m.name for m in experiment.models] == ["compact_t1w", "a"]
    assert experiment.models[1].pooling == "max"
    assert experiment.cohort == tiny.folder / "cohort.tsv"
    assert experiment.classes == ("CN", "AD")
    assert experiment.training.weight_decay == 0


def test_what_is_written_reads_as_the_same(tiny) -> None:
    experiment = read_experiment(tiny.write())
    copy = tiny.folder / "run" / "experiment.yaml"
    write_experiment(copy, experiment)
    assert "cohort: ../cohort.tsv" in copy.read_text()
    again = read_experiment(copy)
    assert again.cohort.resolve() == experiment.cohort.resolve()
    paths = ("cohort", "derivatives", "folds")
    assert again.model_dump(exclude={*paths}) == experiment.model_dump(exclude={*paths})


def test_a_relative_run_folder_is_followed(tiny, monkeypatch) -> None:
    tiny.write()
    monkeypatch.chdir(tiny.folder)
    write_experiment(Path("run/copy.yaml"), read_experiment(Path("experiment.yaml")))
    assert "derivatives: ../derivatives" in Path("run/copy.yaml").read_text()


def test_all_faults_are_shown_at_once(tiny) -> None:
    path = tiny.write(
        sede=1,
        cohort="none.tsv",
        models=[
            "compact_crossattention",
            {"like": "compact_jsm", "poolin": "max", "norm": "gruop"},
        ],
        training={"epoch": 3, "batch_size": 0, "augmentation": {"flipp": True}},
    )
    with pytest.raises(InputError) as refused:
        read_experiment(path)
    text = str(refused.value)
    for fault in (
        "has 8 fault(s)",
        "sede: unknown key; did you mean seed?",
        f"cohort: there is no {tiny.folder / 'none.tsv'}",
        "models.0: no model 'compact_crossattention', did you mean compact_cross_att",
        "models.1.poolin: unknown key; did you mean pooling?",
        "models.1.norm: Input should be 'group'",
        "training.epoch: unknown key; did you mean epochs?",
        "training.batch_size: Input should be greater than or equal to 1, got 0",
        "training.augmentation.flipp: unknown key; did you mean flip?",
    ):
        assert fault in text


def test_a_fault_is_said_once(tiny) -> None:
    """What follows from it, a list that is empty without it, is not one more."""
    path = tiny.write(
        classes=["CN", "A/B"], training={"learning_rate": 5}, models=["x"]
    )
    with pytest.raises(InputError) as refused:
        read_experiment(path)
    first, *faults = str(refused.value).split("\n")
    assert first.endswith("has 3 fault(s):")
    assert faults[0].startswith("  classes.1: diagnosis 'A/B' is not a label")
    assert faults[1].startswith("  models.0: no model 'x'; there are: paper_cross_att")
    assert not faults[1].endswith("got 'x'")
    assert faults[2].endswith("Input should be less than or equal to 1, got 5")


def test_a_key_like_no_other_gets_the_list(tiny) -> None:
    with pytest.raises(
        InputError, match="zzz: unknown key; known: name, seed, classes"
    ):
        read_experiment(tiny.write(zzz=1))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"models": ["compact_jsm", "compact_jsm"]}, "compact_jsm is there twice"),
        ({"models": []}, "models is empty"),
        ({"classes": ["CN", "CN"]}, "names a diagnosis twice"),
        ({"classes": ["MCI", "MCI+AD"]}, "MCI is in two classes: MCI and"),
        ({"tasks": [["a-b", "c"], ["a", "b-c"]]}, "tasks names one twice: a-b-c"),
        ({"training": {"patience": 2, "selection": "last"}}, "selection to best"),
        ({"classes": ["CN", "AD"], "tasks": [["CN", "AD"]]}, "give one of them"),
        ({"tasks": [["CN", "AD"], ["CN", "AD"]]}, "tasks names one twice"),
        ({"tasks": [["CN", "AD"], ["AD", "AD"]]}, "diagnosis twice: AD, AD"),
        ({"tasks": [["CN"]]}, "tasks.0: Tuple should have at least 2 items"),
    ],
    ids=[
        *("models", "none", "classes", "merged", "folder", "patience", "both"),
        *("same", "twice", "one"),
    ],
)
def test_what_does_not_go_together_is_refused(tiny, changes, reason) -> None:
    with pytest.raises(InputError, match=reason):
        read_experiment(tiny.write(**changes))


def test_missing_keys_are_named(tiny) -> None:
    path = tiny.write()
    path.write_text("name: a\n")
    with pytest.raises(InputError, match=r"cohort: missing\n.*derivatives: missing"):
        read_experiment(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a: [", "not a YAML file"), ("- a", "should hold settings by name")],
    ids=["broken", "list"],
)
def test_other_files_are_refused(tiny, text: str, reason: str) -> None:
    path = tiny.write()
    path.write_text(text)
    with pytest.raises(InputError, match=reason):
        read_experiment(path)


def test_no_file(tmp_path) -> None:
    with pytest.raises(InputError, match="no experiment file"):
        read_experiment(tmp_path / "no.yaml")


def test_each_task_is_an_experiment_of_its_own(tiny) -> None:
    one = read_experiment(tiny.write())
    assert one.by_task() == {"": one}
    several = read_experiment(tiny.write(tasks=[["CN", "AD"], ["AD", "CN"]]))
    split = several.by_task()
    assert list(split) == ["CN-AD", "AD-CN"]
    assert split["AD-CN"].classes == ("AD", "CN")
    copy = tiny.folder / "copy.yaml"
    write_experiment(copy, split["AD-CN"])
    assert read_experiment(copy).classes == ("AD", "CN")


def test_classes_are_any_labels_and_may_be_merged(tiny) -> None:
    path = tiny.write(tasks=[["sMCI", "pMCI"], ["control", "MCI + Dementia"]])
    assert list(read_experiment(path).by_task()) == ["sMCI-pMCI", "CN-MCI+AD"]


def test_primary_comparison_is_declared_and_kept(tiny) -> None:
    models = ["compact_t1w", "compact_jsm"]
    primary = {"model": "compact_t1w", "reference": "compact_jsm"}
    path = tiny.write(models=models, primary=primary, family=["covariates"])
    experiment = read_experiment(path)
    assert experiment.primary is not None
    assert experiment.primary.metric == "roc_auc"
    copy = tiny.folder / "run" / "experiment.yaml"
    write_experiment(copy, experiment)
    again = read_experiment(copy)
    assert (again.primary, again.family) == (experiment.primary, experiment.family)
    assert read_experiment(tiny.write(models=models)).primary is None


def test_faults_of_the_primary_comparison_are_shown_with_the_others(tiny) -> None:
    path = tiny.write(
        sede=1,
        models=["compact_t1w", "compact_jsm"],
        primary={"model": "compact_t1", "reference": "zzz", "metric": "auc"},
    )
    with pytest.raises(InputError) as refused:
        read_experiment(path)
    text = str(refused.value)
    assert "has 2 fault(s)" in text
    assert "primary.metric: Input should be 'roc_auc'" in text
    path = tiny.write(
        sede=1,
        models=["compact_t1w", "compact_jsm"],
        primary={"model": "compact_t1", "reference": "zzz"},
        family=["compact_t1w"],
    )
    with pytest.raises(InputError) as refused:
        read_experiment(path)
    text = str(refused.value)
    assert "has 2 fault(s)" in text
    assert "'compact_t1'; did you mean compact_t1w?" in text
    assert "'zzz'; known: compact_t1w, compact_jsm, hippocampal_volume, " in text


@pytest.mark.parametrize(
    ("choices", "fault"),
    [
        (
            {"primary": {"model": "compact_jsm", "reference": "compact_jsm"}},
            "compares compact_jsm with itself",
        ),
        ({"family": ["compact_jsm"]}, "family: needs a primary comparison"),
        (
            {
                "primary": {"model": "compact_t1w", "reference": "compact_jsm"},
                "family": ["compact_jsm", "compact_t1w", "compact_t1w", "jsm"],
            },
            "family: it names no model of the experiment, 'jsm'; .* it names the"
            " reference compact_jsm; leave it out; it names a model twice",
        ),
        ({"primary": {"model": "x", "reference": "y"}, "models": ["x"]}, "no model"),
    ],
)
def test_declarations_that_make_no_sense_are_refused(tiny, choices, fault) -> None:
    models = {"models": ["compact_t1w", "compact_jsm"]}
    with pytest.raises(InputError, match=fault):
        read_experiment(tiny.write(**(models | choices)))


def test_model_that_the_evaluation_adds_may_be_declared() -> None:
    assert EVALUATED == (BASELINE,)
