"""Disease in the signal of tissue: exact where it is set, nothing elsewhere."""

import dataclasses
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.tables import read_table
from crosswarp.simulation.base_heads import take_over_head
from crosswarp.simulation.cohort import simulate_cohort
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.drawing import (
    Streams,
    VirtualParticipant,
    draw_participant,
    scan_of,
)
from crosswarp.simulation.heads import Head, load_head
from crosswarp.simulation.participant import make_scan, signal_of
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.regions import CEREBRA
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.signal import Signal, change_signal, with_signal
from crosswarp.simulation.signal_settings import (
    PatchSettings,
    Severity,
    SignalSettings,
)
from crosswarp.simulation.truth_files import signal_files
from crosswarp.study.names import SCANS, SIGNAL

QUIET = PatchSettings(number=0)
SEVERITY = {d: Severity(mean=0.5, sd=0.3) for d in Diagnosis}


@pytest.fixture(scope="module")
def small(labels: Path) -> Head:
    """The MNI head at 2 mm."""
    return load_head("mni2009c", labels, step=2)


def chosen(**changes: object) -> SignalSettings:
    exact: dict[str, object] = {
        "severity": SEVERITY,
        "contrast": {},
        "darker": {},
        "contrast_sd": 0,
        "contrast_per_year": 0,
        "darker_sd": 0,
        "patches": QUIET,
    }
    return SignalSettings.model_validate({**exact, **changes})


def person(severity: float, age: float = 74.0) -> VirtualParticipant:
    drawn = draw_participant(1, preset_settings("both", participants=1))
    return dataclasses.replace(drawn, signal_severity=severity, age_years=age)


def changed(head: Head, settings: SignalSettings, who: VirtualParticipant) -> Signal:
    return change_signal(who, head, settings, np.random.default_rng(1))


def inside(head: Head, structure: str) -> np.ndarray:
    return ndimage.binary_erosion(np.isin(head.labels, CEREBRA[structure]))


def test_a_structure_loses_what_was_set_and_the_rest_nothing(small: Head) -> None:
    found = changed(small, chosen(darker={"hippocampus": 0.1}), person(1.0))
    assert found.darker == {"hippocampus": pytest.approx(0.1)}
    core = inside(small, "hippocampus")
    assert found.factor[core].min() == pytest.approx(0.90, abs=0.005)
    assert found.factor[inside(small, "caudate")] == pytest.approx(1)
    twice = changed(small, chosen(darker={"hippocampus": 0.1}), person(2.0))
    assert twice.factor[core].min() == pytest.approx(0.80, abs=0.005)


def test_contrast_is_lost_around_a_structure_alone(small: Head) -> None:
    settings = chosen(contrast={"middle_temporal": 0.4})
    found = changed(small, settings, person(1.0))
    new = with_signal(small, found).t1w.values
    near = ndimage.binary_dilation(inside(small, "middle_temporal"), iterations=2)
    near &= small.brain & (small.t1w.values > 0.4)
    before, after = small.t1w.values[near].std(), new[near].std()
    assert 0.6 < after / before < 0.95
    # Grey matter brightens and white matter darkens: the mean stays.
    assert new[near].mean() == pytest.approx(small.t1w.values[near].mean(), rel=0.01)
    far = inside(small, "thalamus")
    assert np.array_equal(new[far], small.t1w.values[far])


def test_age_takes_contrast_without_disease(small: Head) -> None:
    settings = chosen(contrast={"fusiform": 0.2}, contrast_per_year=0.01)
    old = changed(small, settings, person(0.0, age=84.0))
    young = changed(small, settings, person(0.0, age=64.0))
    assert old.contrast_lost["fusiform"] == pytest.approx(0.1)
    assert young.contrast_lost["fusiform"] == pytest.approx(-0.1)


def test_patches_lie_in_white_matter_near_the_ventricles(small: Head) -> None:
    patches = PatchSettings(number=60, spread=0, by_severity=1.0)
    found = changed(small, chosen(patches=patches), person(1.0))
    assert found.patches > 100  # 60 times e
    assert found.patches_mm3 > 500
    dark = found.factor < 0.9
    assert small.brain[dark].all()
    assert np.median(small.t1w.values[dark]) > 0.85
    fluid = np.isin(small.labels, CEREBRA["lateral_ventricle"])
    distance = ndimage.distance_transform_edt(~fluid, 2.0)
    white = small.brain & (small.t1w.values > 0.85)
    assert np.median(distance[dark]) < np.median(distance[white]) / 2
    assert found.factor.min() == pytest.approx(0.75, abs=0.02)


def test_healthy_people_differ_too(small: Head) -> None:
    settings = SignalSettings(severity=SEVERITY)
    draws = [
        change_signal(person(0.0), small, settings, np.random.default_rng(seed))
        for seed in range(3)
    ]
    assert len({draw.contrast_lost["fusiform"] for draw in draws}) == 3
    assert len({draw.darker["hippocampus"] for draw in draws}) == 3
    assert len({draw.patches for draw in draws}) > 1


def test_a_brain_without_white_matter_has_no_patch(small: Head) -> None:
    grey = dataclasses.replace(
        small, t1w=dataclasses.replace(small.t1w, values=small.t1w.values * 0.5)
    )
    found = changed(grey, chosen(patches=PatchSettings(number=60)), person(1.0))
    assert (found.patches, found.patches_mm3) == (0, 0.0)


def test_the_draws_of_the_signal_change_no_other_draw() -> None:
    with_it = preset_settings("both", participants=3, seed=2)
    without = with_it.model_copy(update={"signal": None})
    drawn = [draw_participant(3, settings) for settings in (with_it, without)]
    assert drawn[0].signal_severity != 0
    assert dataclasses.replace(drawn[0], signal_severity=0.0) == drawn[1]
    assert "signal" not in without.of_each_participant()
    assert "signal" in with_it.of_each_participant()
    first, second = (Streams.of(3, settings) for settings in (with_it, without))
    assert first.scanner.random() == second.scanner.random()


def test_no_spread_of_volume_leaves_nothing_to_be_related_to() -> None:
    settings = preset_settings("relation", participants=1)
    still = {
        d: n.model_copy(update={"sd": 0.0})
        for d, n in settings.atrophy.severity.items()
    }
    atrophy = settings.atrophy.model_copy(update={"severity": still})
    alone = settings.model_copy(update={"atrophy": atrophy})
    assert np.isfinite(draw_participant(1, alone).signal_severity)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"darker": {"nose": 0.1}}, "no region nose"),
        ({"contrast": {"fusiform": 0.9}}, "from 0 to 0.5"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chosen(**wrong)


def test_every_diagnosis_needs_a_severity_of_signal() -> None:
    settings = preset_settings("both", participants=1)
    values = settings.model_dump()
    del values["signal"]["severity"][Diagnosis.AD]
    with pytest.raises(ValueError, match="no severity for AD"):
        SimulationSettings.model_validate(values)


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory,
    small_settings: SimulationSettings,
    atlas_head: Path,
) -> tuple[Path, SimulationSettings]:
    out = tmp_path_factory.mktemp("signal") / "bids"
    take_over_head(atlas_head, out, "mni2009c")
    settings = small_settings.model_copy(
        update={"signal": SignalSettings(severity=SEVERITY), "participants": 1}
    )
    simulate_cohort(out, settings)
    return out, settings


def test_the_truth_is_kept(made: tuple[Path, SimulationSettings], head: Head) -> None:
    out, settings = made
    truth = truth_folder(out)
    drawn = draw_participant(1, settings)
    signal = signal_of(drawn, head, settings)
    assert signal is not None
    rows = read_table(truth / SIGNAL)
    assert set(rows["effect"]) == {"contrast", "signal"}
    lost = rows.set_index("structure")["lost"].astype(float)
    assert lost["hippocampus"] == pytest.approx(signal.darker["hippocampus"], abs=1e-4)
    scans = read_table(truth / SCANS)
    assert int(scans["patches"].iloc[0]) == signal.patches
    assert float(scans["signal_severity"].iloc[0]) == pytest.approx(
        drawn.signal_severity, abs=1e-4
    )
    path, about = signal_files(truth, scan_of(1), 2)
    assert about.is_file()
    image = nib.load(path)
    assert isinstance(image, nib.Nifti1Image)
    # The template's own head lies where the template lies: the map is the factor.
    amygdala = np.argwhere(head.labels == CEREBRA["amygdala"][0])
    i, j, k = (int(n) for n in np.rint(amygdala.mean(axis=0)))
    mm = head.t1w.affine @ (i, j, k, 1)
    x, y, z = (int(n) for n in np.rint(np.linalg.inv(image.affine) @ mm)[:3])
    expected = float(np.log(signal.factor[i, j, k]))
    assert expected < -0.01
    assert image.get_fdata()[x, y, z] == pytest.approx(expected, abs=0.01)


def test_the_scan_shows_it(small_settings: SimulationSettings, small: Head) -> None:
    with_it = small_settings.model_copy(
        update={"signal": SignalSettings(severity=SEVERITY)}
    )
    drawn = draw_participant(1, with_it)
    scan, _ = make_scan(drawn, small, with_it)
    plain, _ = make_scan(drawn, small, small_settings)
    apart = np.abs(scan.values - plain.values)
    assert apart.max() > 20  # white matter is 500
    assert signal_of(drawn, small, small_settings) is None
