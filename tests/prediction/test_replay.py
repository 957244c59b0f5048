"""settings_for: a bundle's own settings, whole; of earlier bundles by their digest."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.errors import InputError
from crosswarp.models.bundle import BundleCard
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction.replay import other_steps, settings_for, template_given
from crosswarp.preprocessing.kept import KeptSettings, settings_digest
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.registration.build import registration_named
from crosswarp.registration.settings import AntsSettings, GreedySettings
from crosswarp.registration.template import load_template, own_template
from crosswarp.types.grid import SPACE
from tests.heads import write_head

SIDE = 104
"""Millimetres along each axis of the small template; its brain has 941 cm3."""


def card(made: PreprocessSettings | None = None, **changes: object) -> BundleCard:
    resolution = 2 if made is None else made.resolution
    choices: dict[str, object] = {
        "model": CATALOGUE["compact_jsm"],
        "classes": ("CN", "AD"),
        "space": SPACE,
        "resolution": resolution,
        "grid_extent": load_template(resolution).brain.extent,
        "box": ((9, 86), (8, 104), (3, 88)),
        "made_with": None if made is None else KeptSettings(settings=made),
    }
    return BundleCard.model_validate({**choices, **changes})


def digest(**settings: object) -> str:
    made = PreprocessSettings.model_validate({"resolution": 2, **settings})
    return settings_digest(made.model_dump(mode="json"))


def write_template(folder: Path) -> tuple[Path, Path]:
    """Write a small template, at 1 mm: a brighter and a darker half of a cube."""
    brain = np.zeros((SIDE,) * 3, np.uint8)
    brain[3:-3, 3:-3, 3:-3] = 1
    values = brain * np.int16(500)
    values[: SIDE // 2] //= 2
    affine = np.diag([1.0, 1, 1, 1])
    affine[:3, 3] = -SIDE / 2
    return (
        write_head(folder / "own.nii", values, affine),
        write_head(folder / "mask.nii", brain, affine),
    )


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_template(tmp_path / "templates")


@pytest.fixture
def own(files: tuple[Path, Path]) -> BundleCard:
    """Card of a bundle on a template of the user's own, as it is read from disk."""
    template = own_template(*files, "OwnSpace")
    made = PreprocessSettings(resolution=2, template=template)
    kept = KeptSettings(settings=made, template_files=(str(files[0]), str(files[1])))
    return card(
        space="OwnSpace",
        grid_extent=(SIDE // 2,) * 3,
        box=((0, SIDE // 2),) * 3,
        made_with=KeptSettings.model_validate_json(kept.model_dump_json()),
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"registration": AntsSettings(iterations=(10, 5))},
        {"registration": GreedySettings(seed=7, smoothing=(2.0, 0.5))},
        {"limits": QualityLimits(overlap=Limits(fine=(0.97, None), used=(0.9, None)))},
        {"brain_mask": "hd-bet", "fall_back": True},
    ],
    ids=["iterations", "seed", "limits", "mask"],
)
def test_any_settings_are_replayed(changed: dict[str, object]) -> None:
    made = PreprocessSettings.model_validate({"resolution": 2, **changed})
    kept = KeptSettings(settings=made).model_dump_json()
    found = card(made_with=KeptSettings.model_validate_json(kept))
    assert settings_for(found, skull_stripped=False) == made
    stripped = made.model_copy(update={"brain_mask": "given"})
    assert settings_for(found, skull_stripped=True) == stripped


def test_a_whole_head_needs_its_brain_found_where_training_scans_had_none() -> None:
    made = PreprocessSettings(resolution=2, brain_mask="given")
    assert settings_for(card(made), skull_stripped=False).brain_mask == "deepbet"
    assert settings_for(card(made), skull_stripped=True).brain_mask == "given"


@pytest.mark.parametrize("name", ["greedy", "ants", "torch", "map"])
@pytest.mark.parametrize("stripped", [False, True])
def test_settings_of_an_earlier_bundle_are_told_by_their_digest(
    name: str, stripped: bool
) -> None:
    made_by = registration_named(name)
    settings = settings_for(card(preprocessing=digest(registration=made_by)), stripped)
    assert settings.registration == made_by
    assert settings.brain_mask == ("given" if stripped else "deepbet")


def test_a_bundle_that_says_nothing_has_the_usual_settings() -> None:
    # Those of the version that wrote such bundles, whatever is the default today.
    usual = PreprocessSettings(resolution=2, registration=registration_named("map"))
    assert settings_for(card(), False) == usual
    masked = card(preprocessing=digest(brain_mask="hd-bet", fall_back=True))
    assert settings_for(masked, False).brain_mask == "hd-bet"


def test_an_earlier_bundle_of_other_settings_is_refused() -> None:
    unknown = card(preprocessing=digest(registration=GreedySettings(seed=7)))
    with pytest.raises(InputError, match=r"did not keep them: give crosswarp compare"):
        settings_for(unknown, False)


@pytest.mark.parametrize(
    "change",
    [{"space": "MNI152NLin6Asym"}, {"resolution": 1}, {"grid_extent": (9,) * 3}],
)
def test_maps_of_another_grid_are_refused(change: dict[str, object]) -> None:
    made = PreprocessSettings(resolution=2)
    other = card(made).model_copy(update=change)
    with pytest.raises(InputError, match=r"the bundle wants maps in .* Take it from"):
        settings_for(other, False)


def test_a_template_is_found_where_it_was(own: BundleCard, files) -> None:
    assert own.made_with is not None
    assert own.made_with.settings.template is not None
    assert own.made_with.settings.template.t1w is None
    settings = settings_for(own, False)
    assert settings.template == own_template(*files, "OwnSpace")
    assert settings.model_dump() == own.made_with.settings.model_dump()


def test_a_template_is_found_where_it_is_said_to_be(
    own: BundleCard, files, tmp_path: Path
) -> None:
    """What identifies it is what its files hold."""
    moved = tuple(path.rename(tmp_path / path.name) for path in files)
    with pytest.raises(
        InputError, match=r"expected at .*own\.nii, which cannot .*give `template=T1W`"
    ):
        settings_for(own, False)
    settings = settings_for(own, False, (moved[0], moved[1]))
    assert settings.template == own_template(*moved, "OwnSpace")


def test_another_template_is_refused_by_its_digest(own: BundleCard, files) -> None:
    assert own.made_with is not None
    template = own.made_with.settings.template
    assert template is not None
    files[1].write_bytes(files[1].read_bytes() + b"0")
    with pytest.raises(InputError) as error:
        settings_for(own, False)
    told = str(error.value)
    assert told.startswith(f"{files[1]} is not a file of the template OwnSpace that")
    assert f"expected the digest {template.mask_digest}, got " in told
    assert told.endswith("give the same files, `template=T1W` `template_mask=MASK`")


def test_a_template_whose_place_was_not_recorded_must_be_given(
    own: BundleCard, files
) -> None:
    assert own.portable().made_with is not None
    with pytest.raises(InputError, match=r"was not recorded; give `template=T1W`"):
        settings_for(own.portable(), False)
    assert settings_for(own.portable(), False, files).template is not None


def test_a_template_for_a_bundle_of_the_embedded_one_is_refused(files) -> None:
    for made in (None, PreprocessSettings(resolution=2)):
        with pytest.raises(InputError, match="leave out `template` and"):
            settings_for(card(made), False, files)


def test_both_files_of_a_template_are_given(files) -> None:
    assert template_given(None, None) is None
    assert template_given(*files) == files
    with pytest.raises(InputError, match="go together; give `template=T1W`"):
        template_given(files[0], None)


def test_other_steps_are_said() -> None:
    made = PreprocessSettings(resolution=2)
    for steps in (None, STEPS_VERSION):
        kept = KeptSettings(settings=made, steps=steps)
        assert other_steps(card(made_with=kept)) == []
    [said] = other_steps(card(made_with=KeptSettings(settings=made, steps=1)))
    assert "by version 1 of the steps of preprocessing, those of this scan by" in said
    assert other_steps(card()) == []
