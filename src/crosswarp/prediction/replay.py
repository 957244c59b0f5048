"""The settings that made a bundle's training maps, for the maps of a new scan."""

from pathlib import Path
from typing import Final, get_args

from crosswarp.errors import InputError
from crosswarp.files import file_digest
from crosswarp.models.bundle import BundleCard
from crosswarp.preprocessing.kept import KeptSettings, settings_digest
from crosswarp.preprocessing.settings import (
    STEPS_VERSION,
    BrainMask,
    PreprocessSettings,
)
from crosswarp.registration.build import REGISTRATIONS
from crosswarp.registration.settings import OwnTemplate
from crosswarp.registration.template import load_template

EARLIER: Final = "map"
"""Registration by default when bundles did not say yet how their maps were made."""

_GIVE: Final = "`template=T1W` `template_mask=MASK`"


def settings_for(
    card: BundleCard,
    skull_stripped: bool,
    template: tuple[Path, Path] | None = None,
) -> PreprocessSettings:
    """Return the settings that made a bundle's training maps.

    Args:
        card: Card of the bundle. Where it holds no settings, as earlier versions wrote
            them, those of its fingerprint are looked for among the usual ones; where
            it has no fingerprint either, the usual settings are taken.
        skull_stripped: The new scan is a brain already; the training scans need not
            have been.
        template: T1w image and brain mask of the user's template that the training
            maps lie on, where they are not where they were.

    Raises:
        InputError: If the maps lay on a grid that cannot be made here, the template's
            files are not there or not the same, or a bundle of an earlier version was
            made with settings that are not among the usual ones.
    """
    kept = card.made_with
    made = _known_settings(card) if kept is None else kept.settings
    own = None if kept is None else _own_template(kept, template)
    if own is None and template is not None:
        msg = (
            "the bundle's maps lie on the embedded template, and a template was given;"
            " leave out `template` and `template_mask`"
        )
        raise InputError(msg)
    _check_grid(card, made, own)
    usual = PreprocessSettings().brain_mask
    again = usual if made.brain_mask == "given" else made.brain_mask
    brain_mask = "given" if skull_stripped else again
    return made.model_copy(update={"brain_mask": brain_mask, "template": own})


def other_steps(card: BundleCard) -> list[str]:
    """Say that the training maps were made by another version of the steps, if so."""
    steps = None if card.made_with is None else card.made_with.steps
    if steps in (None, STEPS_VERSION):
        return []
    return [
        f"The maps of the training scans were made by version {steps} of the steps of"
        f" preprocessing, those of this scan by version {STEPS_VERSION}: they may"
        f" differ. crosswarp {card.crosswarp_version} makes maps like the former."
    ]


def template_given(t1w: Path | None, mask: Path | None) -> tuple[Path, Path] | None:
    """Return the files of a template as a pair, when both are given.

    Raises:
        InputError: If only one of them is.
    """
    if t1w is not None and mask is not None:
        return t1w, mask
    if t1w is None and mask is None:
        return None
    msg = f"the template's T1w image and mask go together; give {_GIVE}"
    raise InputError(msg)


def _own_template(
    kept: KeptSettings, given: tuple[Path, Path] | None
) -> OwnTemplate | None:
    """Find the files of the template that maps lie on, and check what they hold."""
    described = kept.settings.template
    if described is None:
        return None
    t1w, mask = given or _recorded(kept, described)
    for path, digest in ((t1w, described.t1w_digest), (mask, described.mask_digest)):
        got = _digest(path, described)
        if got != digest:
            msg = (
                f"{path} is not a file of the template {described.space} that the"
                f" bundle's maps lie on: expected the digest {digest}, got {got}; give"
                f" the same files, {_GIVE}"
            )
            raise InputError(msg)
    return described.model_copy(update={"t1w": t1w, "mask": mask})


def _recorded(kept: KeptSettings, described: OwnTemplate) -> tuple[Path, Path]:
    if kept.template_files is None:
        msg = (
            f"the bundle's maps lie on {described.source}, and where its files are was"
            f" not recorded; give {_GIVE}"
        )
        raise InputError(msg)
    t1w, mask = kept.template_files
    return Path(t1w), Path(mask)


def _digest(path: Path, described: OwnTemplate) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        msg = (
            f"the bundle's maps lie on {described.source}, expected at {path}, which"
            f" cannot be read ({error.strerror}); give {_GIVE}"
        )
        raise InputError(msg) from error


def _check_grid(
    card: BundleCard, made: PreprocessSettings, own: OwnTemplate | None
) -> None:
    extent = load_template(card.resolution, own).brain.extent
    asked = (card.space, card.resolution, card.grid_extent)
    if asked != (made.space, made.resolution, extent):
        msg = (
            f"the bundle wants maps in {card.space} of {card.grid_extent} voxels at"
            f" {card.resolution} mm; this program makes them in {made.space} of"
            f" {extent} at {made.resolution} mm. Take it from where it was made"
        )
        raise InputError(msg)


def _known_settings(card: BundleCard) -> PreprocessSettings:
    """Find the settings of a bundle that has only their fingerprint, or not even that.

    Raises:
        InputError: If they are not the usual ones of any registration back end.
    """
    if card.preprocessing is None:
        return PreprocessSettings(
            resolution=card.resolution, registration=REGISTRATIONS[EARLIER]
        )
    ours = []
    for registration in REGISTRATIONS.values():
        usual = PreprocessSettings(
            resolution=card.resolution, registration=registration
        )
        known = {_digest_of(way): way for way in _ways_to_the_brain(usual)}
        if card.preprocessing in known:
            return known[card.preprocessing]
        ours.append(_digest_of(usual))
    msg = (
        "the bundle was trained on maps that were made with other settings"
        f" (fingerprint {card.preprocessing}, ours {', '.join(ours)}), and an earlier"
        " version of crosswarp, which wrote it, did not keep them: give crosswarp"
        " compare again with an empty folder, and predict with the new bundle"
    )
    raise InputError(msg)


def _ways_to_the_brain(usual: PreprocessSettings) -> list[PreprocessSettings]:
    """Vary how the brain is found."""
    return [
        usual.model_copy(update={"brain_mask": way, "fall_back": fall_back})
        for way in get_args(BrainMask)
        for fall_back in (False, True)
    ]


def _digest_of(settings: PreprocessSettings) -> str:
    return settings_digest(settings.model_dump(mode="json"))
