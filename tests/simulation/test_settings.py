"""Settings: presets, what a head depends on, and what is refused."""

import pytest

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.simulation.presets import PRESETS, preset_settings


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_preset_knows_every_diagnosis(preset: str) -> None:
    settings = preset_settings(preset, participants=6, classes=tuple(Diagnosis))
    assert set(settings.atrophy.severity) == set(Diagnosis)


@pytest.mark.parametrize("preset", ["null", "confounded"])
def test_no_disease_treats_all_diagnoses_alike(preset: str) -> None:
    """In volumes and in the signal, which varies all the same."""
    settings = preset_settings(preset, participants=1)
    assert len(set(settings.atrophy.severity.values())) == 1
    assert settings.signal is not None
    (severity,) = set(settings.signal.severity.values())
    assert severity.sd > 0
    assert settings.acquisition.site_gamma_sd > 0


def test_realistic_volumes_are_of_published_size() -> None:
    atrophy = preset_settings("realistic", participants=1).atrophy
    means = {d: normal.mean for d, normal in atrophy.severity.items()}
    ratios = {d: atrophy.pattern["hippocampus"] ** mean for d, mean in means.items()}
    assert ratios[Diagnosis.CN] == 1
    assert ratios[Diagnosis.MCI] == pytest.approx(0.90, abs=0.005)
    assert ratios[Diagnosis.AD] == pytest.approx(0.80, abs=0.005)


def test_easy_is_graded_and_overlaps() -> None:
    severity = preset_settings("easy", participants=1).atrophy.severity
    cn, mci, ad = (severity[d] for d in (Diagnosis.CN, Diagnosis.MCI, Diagnosis.AD))
    assert cn.mean < mci.mean < ad.mean
    assert mci.mean - cn.mean < 2 * (cn.sd + mci.sd)


def test_a_head_does_not_depend_on_how_many_there_are() -> None:
    one = preset_settings("easy", participants=1, seed=4, workers=1)
    many = preset_settings("easy", participants=50, seed=4, workers=3)
    other = preset_settings("easy", participants=50, seed=5, workers=3)
    assert one.of_each_participant() == many.of_each_participant()
    assert other.of_each_participant() != many.of_each_participant()


def test_heads_are_what_they_were_before_more_could_be_chosen() -> None:
    before = preset_settings("null", participants=1).of_each_participant()
    assert "truth_maps" not in before
    assert "white" not in before["acquisition"]
    other = preset_settings("easy", participants=1, truth_maps=False)
    assert other.of_each_participant()["truth_maps"] is False
    assert other.of_each_participant()["acquisition"]["white"] == 64


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"participants": 0}, r"participants: .* greater than or equal to 1"),
        ({"participants": 2, "heads": ("me",)}, "no head me; there are colin27"),
        ({"participants": 2, "classes": ()}, "classes: .* at least 1 item"),
        ({"participants": 2, "speed": 1}, "speed: Extra inputs"),
    ],
)
def test_faults_are_one_line(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        preset_settings("easy", **changes)
    assert "\n" not in str(raised.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InputError, match=r"participants: .*; seed: "):
        preset_settings("easy", participants=0, seed=-1)


def test_a_diagnosis_without_severity_is_named() -> None:
    severity = {Diagnosis.CN: {"mean": 0, "sd": 1}}
    with pytest.raises(InputError, match="no severity for AD"):
        preset_settings("easy", participants=1, atrophy={"severity": severity})


@pytest.mark.parametrize("pattern", [{}, {"moon": 0.5}])
def test_unknown_regions_are_refused(pattern: dict[str, float]) -> None:
    atrophy = {"severity": {d: {"mean": 0, "sd": 1} for d in Diagnosis}}
    with pytest.raises(InputError, match=r"no region .*hippocampus"):
        preset_settings("easy", participants=1, atrophy=atrophy | {"pattern": pattern})


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(InputError, match="no preset 'hard'; there are easy, realistic"):
        preset_settings("hard", participants=1)


def test_the_nearest_preset_is_named() -> None:
    with pytest.raises(InputError, match=r"'realstic' \(did you mean realistic\?\)"):
        preset_settings("realstic", participants=1)


def test_an_unknown_structure_is_refused() -> None:
    with pytest.raises(InputError, match="no region moon"):
        preset_settings(
            "easy", participants=1, anatomy={"structures": {"moon": {"sd": 0.1}}}
        )
