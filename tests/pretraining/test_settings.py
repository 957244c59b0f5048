"""The file of a pretraining: all faults at once."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError
from crosswarp.pretraining.settings import read_pretraining


def test_paths_count_from_the_file_and_a_name_is_enough_for_a_model(tiny) -> None:
    found = tiny.settings(model="compact_jsm", leave_out=["scans.tsv"])
    assert found.derivatives == tiny.folder / "derivatives"
    assert found.leave_out == (tiny.folder / "scans.tsv",)
    assert found.model.name == "compact_jsm"
    assert found.training.selection == "last"
    assert found.training.epochs == 3


def test_all_faults_are_shown_at_once(tiny) -> None:
    path = tiny.write(epocs=3, seed=-1, model="compact_jms", mask={"shape": 1})
    with pytest.raises(InputError) as caught:
        tiny.settings(epocs=3, seed=-1, model="compact_jms", mask={"shape": 1})
    said = str(caught.value)
    assert said.startswith(f"{path} has 4 fault(s):")
    for part in (
        "epocs: unknown key; did you mean epochs?",
        "seed: Input should be greater than or equal to 0, got -1",
        "model: no model 'compact_jms', did you mean compact_jsm?",
        "mask.shape: unknown key; did you mean share?",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scans": "nobody.tsv"}, "there is no .*nobody.tsv"),
        ({"leave_out": ["nobody.tsv"]}, "there is no .*nobody.tsv"),
        (
            {
                "model": {
                    "like": "resnet10_jsm",
                    "name": "r",
                    "weights": "medicalnet_resnet10",
                }
            },
            "pretraining starts afresh",
        ),
    ],
)
def test_what_is_not_there_or_contradicts_is_refused(tiny, changes, said) -> None:
    with pytest.raises(InputError, match=said):
        tiny.settings(**changes)


def test_no_file_and_no_mapping(tiny) -> None:
    path = tiny.write()
    path.write_text("- 3")
    with pytest.raises(InputError, match="should hold settings by name"):
        read_pretraining(path)
    path.unlink()
    with pytest.raises(InputError, match="no pretraining file at"):
        read_pretraining(path)


def test_the_example_can_be_read(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "configs" / "pretraining.yaml"
    path = tmp_path / "configs" / source.name
    path.parent.mkdir()
    path.write_text(source.read_text())
    for place in ("cohort.tsv", "derivatives"):
        (tmp_path / place).mkdir()
    assert read_pretraining(path).model.name == "compact_cross_attention"
