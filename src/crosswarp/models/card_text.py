"""What a bundle is, for people: the text beside its card."""

from typing import Final

from crosswarp.models.bundle_card import BundleCard
from crosswarp.study.cohort_summary import CohortSummary
from crosswarp.study.names import BUNDLE_CARD
from crosswarp.types.maps import OF_SCAN, WORDS

_VIRTUAL: Final = (
    "Trained on virtual participants: it shows that the software works."
    " It says nothing about diagnostic accuracy."
)


def _seen(card: BundleCard) -> str:
    if card.maps == OF_SCAN:
        return "a T1w image and its log-Jacobian map"
    first, second = (WORDS[name] for name in card.maps)
    return f"a {first} and a {second}, between the first and a later scan"


def _started_from(card: BundleCard) -> list[str]:
    if card.pretrained is None:
        return []
    return [
        f"- encoders started from: crosswarp model pretrain, {card.pretrained[:16]}"
    ]


def _calibrated(card: BundleCard) -> list[str]:
    found = card.calibration
    if found is None:
        return []
    lines = [f"- temperature: {found.temperature:.3f} ({found.temperature_rule})"]
    if found.threshold is not None:
        lines.append(f"- threshold: {found.threshold:.3f} ({found.threshold_rule})")
    lines.append(f"- validation scans for both: {found.validation_scans}")
    return lines


def _cohort(card: BundleCard) -> list[str]:
    if card.training_cohort is None:
        return []
    found = card.training_cohort.summary
    counts = ", ".join(f"{n} {name}" for name, n in found.diagnoses.items())
    lines = [f"- training cohort: {counts}{_age_and_sex(found)}"]
    if found.sites:
        lines.append(f"- sites: {len(found.sites)}, listed in {BUNDLE_CARD}")
    return lines


def _reference(card: BundleCard) -> list[str]:
    lines = []
    if card.reference_group is not None:
        group = card.reference_group
        said = group.reason or (
            f"{group.participants} {group.diagnosis} participants, for volumes of"
            f" regions; adjusted for {', '.join(group.covariates) or 'nothing'}"
        )
        lines.append(f"- reference group: {said}")
    if card.reference_maps is not None:
        lines.append(f"- mean maps: of {card.reference_maps.whom}")
    return lines


def _age_and_sex(found: CohortSummary) -> str:
    said = ""
    if found.age_years is not None and found.age_years.sd is not None:
        said += f"; age {found.age_years.mean:.1f} years (SD {found.age_years.sd:.1f})"
    if found.sexes:
        said += "; sex " + ", ".join(f"{n} {name}" for name, n in found.sexes.items())
    return said


def _preprocessing(card: BundleCard) -> str:
    if card.made_with is None:
        return card.preprocessing or "not recorded"
    chosen = card.made_with.settings
    return (
        f"registration {chosen.registration.backend} at"
        f" {chosen.registration.resolution} mm, brain mask {chosen.brain_mask}; all"
        f" settings are in {BUNDLE_CARD} (fingerprint {card.preprocessing})"
    )


def _listed(card: BundleCard) -> str:
    how = "listed" if card.trained_on is None else "by keyed hashes of their ids"
    return f"{how} in {BUNDLE_CARD}"


def card_text(card: BundleCard) -> str:
    """Say what a bundle is, for people, in Markdown."""
    extent = "x".join(str(n) for n in card.extent)
    notice = [_VIRTUAL, ""] if card.origin == "virtual" else []
    lines = [
        f"# {card.model.name}",
        "",
        *notice,
        f"Classifies {' against '.join(card.classes)} from {_seen(card)}.",
        "Research software, not a medical device.",
        "",
        f"- network: {card.model.encoder}, fusion {card.model.fusion}, maps"
        f" {', '.join(card.model.maps)}; {card.parameters:,} parameters,"
        f" {card.tokens} tokens",
        f"- input: {extent} voxels of {card.space} at {card.resolution} mm",
        f"- scaling of the maps: {card.model.standardise}",
        *_started_from(card),
        f"- trained on: {len(card.people)} participants ({card.origin}),"
        f" repeat {card.repeat}, without fold {card.fold}; {_listed(card)}",
        *_cohort(card),
        *_reference(card),
        *_calibrated(card),
        f"- preprocessing: {_preprocessing(card)}",
        f"- written by: crosswarp {card.crosswarp_version}",
        "",
        "Intended use: research on groups like the one it was trained on. Performance"
        " is in the run's metrics, measured on the held-out fold.",
        "",
    ]
    return "\n".join(lines)
