"""The page from top to bottom: sections, and the parts of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crosswarp.report.figures import (
    attribution_jsm,
    attribution_t1w,
    decision_curve,
    fold_auc,
    group_difference,
    group_means,
    learning_curves,
    precision_recall,
    roc,
    scan,
)
from crosswarp.report.figures import calibration as calibration_figure
from crosswarp.report.figures import power as power_figure
from crosswarp.report.headings import HEADINGS
from crosswarp.report.parts import Illustration, Table, Text
from crosswarp.report.run import Run
from crosswarp.report.tables import calibration as calibration_table
from crosswarp.report.tables import (
    claim,
    classes,
    cohort,
    cohort_by_fold,
    cohort_by_site,
    comparison,
    covariates,
    folds,
    left_out,
    metrics,
    metrics_overall,
    model_settings,
    models,
    quality,
    regions,
    settings,
    sites,
    subgroups,
    tests,
    tripod_ai,
    versions,
    volumes,
)
from crosswarp.report.tables import power as power_table
from crosswarp.report.texts import flags, limits, methods, references

MakePart = Callable[[Run], Illustration | Table | Text | None]


@dataclass(frozen=True)
class ListedPart:
    """A part of the page.

    Attributes:
        name: Name of its files in ``figures`` or ``tables``.
        make: Makes it from a run; returns None where it has nothing to say of such a
            run, and raises one of our errors where an input is missing.
    """

    name: str
    make: MakePart


@dataclass(frozen=True)
class ListedSection:
    """A section of the page.

    Attributes:
        id: Anchor on the page.
        parts: What stands under its heading, from top to bottom.
    """

    id: str
    parts: tuple[ListedPart, ...]

    @property
    def title(self) -> str:
        """Heading on the page."""
        return HEADINGS[self.id]


SECTIONS: Final = (
    ListedSection(
        "flags",
        (
            ListedPart("flags", flags.write),
            ListedPart("comparison", comparison.tabulate),
            ListedPart("fold_auc", fold_auc.draw),
        ),
    ),
    ListedSection(
        "differences",
        (
            ListedPart("tests", tests.tabulate),
            ListedPart("covariates", covariates.tabulate),
            ListedPart("volumes", volumes.tabulate),
        ),
    ),
    ListedSection(
        "scan",
        (
            ListedPart("scan", scan.draw),
            ListedPart("group_means", group_means.draw),
            ListedPart("group_difference", group_difference.draw),
        ),
    ),
    ListedSection(
        "cohort",
        (
            ListedPart("cohort", cohort.tabulate),
            ListedPart("cohort_by_fold", cohort_by_fold.tabulate),
            ListedPart("cohort_by_site", cohort_by_site.tabulate),
            ListedPart("folds", folds.tabulate),
        ),
    ),
    ListedSection(
        "quality",
        (
            ListedPart("quality", quality.tabulate),
            ListedPart("left_out", left_out.tabulate),
        ),
    ),
    ListedSection(
        "models",
        (
            ListedPart("models", models.tabulate),
            ListedPart("learning_curves", learning_curves.draw),
        ),
    ),
    ListedSection(
        "results",
        (
            ListedPart("roc", roc.draw),
            ListedPart("precision_recall", precision_recall.draw),
            ListedPart("metrics", metrics.tabulate),
            ListedPart("metrics_overall", metrics_overall.tabulate),
            ListedPart("classes", classes.tabulate),
        ),
    ),
    ListedSection(
        "calibration",
        (
            ListedPart("calibration", calibration_figure.draw),
            ListedPart("calibration", calibration_table.tabulate),
            ListedPart("decision_curve", decision_curve.draw),
        ),
    ),
    ListedSection(
        "groups",
        (
            ListedPart("subgroups", subgroups.tabulate),
            ListedPart("sites", sites.tabulate),
        ),
    ),
    ListedSection(
        "attribution",
        (
            ListedPart("attribution_jsm", attribution_jsm.draw),
            ListedPart("attribution_t1w", attribution_t1w.draw),
            ListedPart("regions", regions.tabulate),
        ),
    ),
    ListedSection(
        "power",
        (
            ListedPart("power", power_table.tabulate),
            ListedPart("power", power_figure.draw),
        ),
    ),
    ListedSection(
        "methods",
        (
            ListedPart("methods", methods.write),
            ListedPart("references", references.write),
        ),
    ),
    ListedSection(
        "checklists",
        (
            ListedPart("tripod_ai", tripod_ai.tabulate),
            ListedPart("claim", claim.tabulate),
        ),
    ),
    ListedSection("limits", (ListedPart("limits", limits.write),)),
    ListedSection(
        "record",
        (
            ListedPart("settings", settings.tabulate),
            ListedPart("model_settings", model_settings.tabulate),
            ListedPart("versions", versions.tabulate),
        ),
    ),
)
"""A new part is one new file and one line here, and its import."""
