"""What an experiment asks of its maps and batches, seen before training."""

import pytest

from crosswarp.documents import read_json
from crosswarp.errors import InputError
from crosswarp.files import write_json
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run

RESNET = {"like": "resnet10_jsm", "name": "resnet", "first_stride": 1}


def made_by(tiny, backend: str | None, scans: int = 16) -> None:
    """Let sidecars say which registration made the first maps."""
    paths = sorted(tiny.folder.rglob("*desc-logjacobian*.json"))
    assert len(paths) == 16
    for path in paths[:scans]:
        settings = {"resolution": 2, "registration": {"backend": backend}}
        write_json(path, {**read_json(path), "Settings": settings})


def plan(tiny, **changes):
    return plan_run(read_experiment(tiny.write(**changes)))


def test_maps_of_the_registration_that_was_named_pass(tiny) -> None:
    made_by(tiny, "ants")
    assert plan(tiny, registration="ants").experiment.registration == "ants"
    plan(tiny)


def test_maps_of_another_registration_are_refused_with_the_command(tiny) -> None:
    made_by(tiny, "map")
    with pytest.raises(InputError) as caught:
        plan(tiny, registration="ants")
    said = str(caught.value)
    assert "for maps of registration ants; those of 16 of 16 scans, sub-00" in said
    assert "made by map" in said
    assert "preprocess BIDS derivatives `resolution=2` `registration='ants'`;" in said


def test_maps_that_do_not_say_are_refused(tiny) -> None:
    with pytest.raises(InputError, match="do not say what made them"):
        plan(tiny, registration="map")


def test_one_scan_of_another_registration_is_enough(tiny) -> None:
    """Beside the refusal of maps that were made with different settings."""
    made_by(tiny, "ants")
    made_by(tiny, "map", scans=1)
    with pytest.raises(InputError, match=r"(?s)different settings.*1 of 16 .*sub-00"):
        plan(tiny, registration="ants")


@pytest.mark.parametrize(
    ("model", "training", "fix"),
    [
        (RESNET, {"batch_size": 16, "accumulate": 16}, "leaves 1; set large_norm: gr"),
        (RESNET, {"batch_size": 3}, "leaves 3"),
        (
            {"like": "compact_jsm", "name": "c", "norm": "batch"},
            {"batch_size": 8, "accumulate": 4},
            "norm: group .compact encoder.",
        ),
    ],
)
def test_batch_normalisation_of_few_scans_is_refused(
    tiny, model, training, fix: str
) -> None:
    with pytest.raises(InputError, match=fix):
        plan(tiny, models=[model], training=training)


@pytest.mark.parametrize(
    ("model", "training"),
    [
        ({**RESNET, "large_norm": "group"}, {"batch_size": 16, "accumulate": 16}),
        (RESNET, {"batch_size": 16, "accumulate": 4}),
        ("compact_jsm", {"batch_size": 1}),
    ],
)
def test_other_batches_pass(tiny, tmp_path, model, training) -> None:
    planned = plan(tiny, models=[model], training=training)
    cells = planned.cells(tmp_path / "run")
    assert cells
    assert {cell.training.batch_size for cell in cells} == {training["batch_size"]}
