"""A BIDS data set as an archive: paths, and the tables of phenotype/."""

from pathlib import Path

from tests.archives.trees import imported, labels, reasons


def data_set(root: Path) -> Path:
    for person, session in (("01", "M00"), ("01", "M12"), ("02", "M00")):
        name = f"sub-{person}/ses-{session}/anat/sub-{person}_ses-{session}_T1w.nii.gz"
        path = root / name
        path.parent.mkdir(parents=True)
        path.touch()
    (root / "participants.tsv").write_text(
        "participant_id\tdiagnosis\tage\nsub-01\tAD\t70\nsub-02\tCN\t71\nsub-03\tCN\t1\n"
    )
    (root / "phenotype").mkdir()
    (root / "phenotype/mmse.tsv").write_text(
        "participant_id\tsession_id\tmmse\nsub-01\tses-M12\t21\nsub-02\tses-M00\t30\n"
    )
    (root / "phenotype/apoe.tsv").write_text(
        "participant_id\tapoe\nsub-01\t34\nsub-02\t33\n"
    )
    return root


def test_scans_with_paths_and_phenotypes(tmp_path: Path) -> None:
    root = data_set(tmp_path / "raw")
    made = imported(root)
    assert made.archive == "bids"
    assert labels(made) == {"01 M00": "AD", "01 M12": "AD", "02 M00": "CN"}
    assert [(row["mmse"], row["apoe"]) for row in made.rows] == [
        ("n/a", "34"),
        ("21", "34"),
        ("30", "33"),
    ]
    assert made.rows[0]["path"].is_file()
    assert reasons(made, "sub-03") == ["in participants.tsv, but without a T1w scan"]


def test_baseline_on_demand_and_rules_that_do_nothing(tmp_path: Path) -> None:
    made = imported(data_set(tmp_path / "raw"), visits="baseline", conversion=36.0)
    assert labels(made) == {"01 M00": "AD", "02 M00": "CN"}
    assert "--conversion: not used of a BIDS data set" in made.notes
