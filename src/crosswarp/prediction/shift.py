"""How another cohort differs from the training cohort."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from crosswarp.bids.ids import ScanId
from crosswarp.evaluation.facts import facts_of, numbers_in, summary_of
from crosswarp.prediction.known import KnownScans
from crosswarp.statistics.calibration import wilson
from crosswarp.statistics.standardised import of_means, of_shares
from crosswarp.study.cohort_prediction import Networks
from crosswarp.study.cohort_summary import CohortSummary, Distribution
from crosswarp.study.external import FarScans, ShiftRow

DISTANCE: Final = "embedding_distance"
_FAR: Final = "embedding_far"

NO_SUMMARY: Final = (
    "the bundle keeps nothing of its training cohort but its participants, as bundles"
    " of earlier versions do: the shift between the cohorts cannot be stated"
)
NO_DISTANCE: Final = (
    "the bundle does not say where its training scans lie for the network: the"
    " distance of the cohort's scans cannot be stated"
)
NO_MAPS: Final = (
    "the bundle keeps no digests of its training maps: a training scan under another"
    " name would not be noticed"
)
NEW: Final = "not in the training cohort"


def summarised(known: KnownScans) -> CohortSummary:
    """Summarise the evaluated scans, each participant by their first one."""
    numbers = {
        ScanId.from_row(str(row["participant_id"]), row["session_id"]): numbers_in(
            {str(name): value for name, value in row.items()}
        )
        for row in known.rows.to_dict("records")
    }
    facts = facts_of(known.cohort, numbers)
    classes = {
        ScanId.from_row(str(row["participant_id"]), row["session_id"]): str(
            row["class"]
        )
        for row in known.rows.to_dict("records")
    }
    return summary_of((scan, classes[scan], facts[scan]) for scan in classes)


def shift_rows(networks: Networks, external: CohortSummary) -> list[ShiftRow]:
    """Compare the cohort with the training cohort, one variable after the other.

    Args:
        networks: Networks, with the summary of their training cohort if it is kept.
        external: Summary of the cohort.
    """
    training = networks.training or CohortSummary(participants=0, scans=0)
    rows = [_number("age_years", training.age_years, external.age_years)]
    for name, of_training, of_external in (
        ("diagnosis", training.diagnoses, external.diagnoses),
        ("sex", training.sexes, external.sexes),
        ("site", training.sites, external.sites),
        ("field_strength_t", training.field_strengths, external.field_strengths),
    ):
        rows += _shares(name, of_training, of_external)
    for name in sorted({*training.quality, *external.quality}):
        both = training.quality.get(name), external.quality.get(name)
        rows.append(_number(name, *both))
    return rows


def distance_row(known: KnownScans) -> ShiftRow | None:
    """Describe how far the scans lie from the training scans, as the networks see it.

    Returns:
        None where that is not known.
    """
    if DISTANCE not in known.rows:
        return None
    first = known.rows.drop_duplicates("participant_id")[DISTANCE].dropna()
    if first.empty:
        return None
    sd = float(first.std(ddof=1)) if len(first) > 1 else None
    return ShiftRow(
        variable=DISTANCE,
        level=None,
        training=1.0,
        training_sd=None,
        external=float(first.mean()),
        external_sd=sd,
        difference=None,
        remark="1 is the median of the training cohort's held-out scans",
    )


def far_scans(known: KnownScans) -> FarScans | None:
    """Count the participants whose first scan lies far from the training scans."""
    if _FAR not in known.rows:
        return None
    first = known.rows.drop_duplicates("participant_id")[_FAR].dropna()
    if first.empty:
        return None
    share = float(np.mean([str(value) == "True" for value in first]))
    low, high = wilson(share, len(first))
    return FarScans(share=share, low=low, high=high)


def unstated(networks: Networks, known: KnownScans) -> list[str]:
    """Say what cannot be stated, and why."""
    said = []
    if networks.training is None:
        said.append(NO_SUMMARY)
    if far_scans(known) is None:
        said.append(NO_DISTANCE)
    if not networks.maps_known:
        said.append(NO_MAPS)
    return said


def _number(
    name: str, training: Distribution | None, external: Distribution | None
) -> ShiftRow:
    difference = None
    if training is not None and external is not None:
        difference = of_means(external.mean, training.mean, external.sd, training.sd)
    absent = [
        f"not known of the {where}"
        for where, found in (("training cohort", training), ("cohort", external))
        if found is None
    ]
    return ShiftRow(
        variable=name,
        level=None,
        training=None if training is None else training.mean,
        training_sd=None if training is None else training.sd,
        external=None if external is None else external.mean,
        external_sd=None if external is None else external.sd,
        difference=difference,
        remark="; ".join(absent) or None,
    )


def _shares(
    name: str, training: Mapping[str, int], external: Mapping[str, int]
) -> Iterator[ShiftRow]:
    """Compare the share of each category among those of whom it is known."""
    if not training or not external:
        yield (
            _number(name, None, None)
            if not training and not external
            else _one_sided(name, bool(training))
        )
        return
    totals = sum(training.values()), sum(external.values())
    for level in sorted({*training, *external}):
        ours, theirs = (
            counts.get(level, 0) / total
            for counts, total in zip((training, external), totals, strict=True)
        )
        yield ShiftRow(
            variable=name,
            level=level,
            training=ours,
            training_sd=None,
            external=theirs,
            external_sd=None,
            difference=of_shares(theirs, ours),
            remark=NEW if level not in training else None,
        )


def _one_sided(name: str, in_training: bool) -> ShiftRow:
    where = "cohort" if in_training else "training cohort"
    return ShiftRow(
        variable=name,
        level=None,
        training=None,
        training_sd=None,
        external=None,
        external_sd=None,
        difference=None,
        remark=f"not known of the {where}",
    )
