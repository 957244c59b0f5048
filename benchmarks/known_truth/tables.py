"""What the jobs found, scored: a row a registration, and a summary a method."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.known_truth.anatomies import Anatomy, load_truth, make_anatomy
from benchmarks.known_truth.jobs import Job, Selection, result_of, template_of
from benchmarks.known_truth.scores import (
    Found,
    carry,
    read_registration,
    score_exactly,
    volumes,
)
from benchmarks.known_truth.templates import ScoredTemplate, scored_template
from crosswarp.registration.resampling import resample
from crosswarp.types.arrays import ScalarMap, SpatialMap

Row = dict[str, str | float]

REPORTED: Final = ("hippocampus", "ventricles")


def score_method(method: str, selection: Selection, folder: Path) -> list[Row]:
    """Score every registration of a method; its jobs are done.

    Args:
        method: Name in `METHODS`.
        selection: Who is scored.
        folder: Where the jobs' results are.
    """
    rows = []
    for kind, members in selection.anatomies().items():
        template = scored_template(template_of(kind), folder)
        rows += _score_members(method, kind, members, template, folder)
    return rows


def _score_members(
    method: str,
    kind: str,
    members: tuple[Anatomy, ...],
    template: ScoredTemplate,
    folder: Path,
) -> list[Row]:
    unwarped = None
    if kind.startswith("between"):
        unwarped = _found(Job(method, template.name, members[0].unwarped), folder)
    rows: list[Row] = []
    for anatomy in members:
        job = Job(method, template.name, anatomy)
        found = _found(job, folder)
        row, true = _score(found, unwarped, anatomy, template, folder)
        cost = result_of(job, folder)[2]
        rows.append(
            {
                "method": method,
                "kind": kind,
                "anatomy": anatomy.name,
                "loss_percent": anatomy.loss,
                **row,
                **_volumes(found, true, template),
                "folded": found.folded,
                "cpu_seconds": cost.cpu_seconds,
                "peak_mb": cost.peak_mb,
                "digest": cost.digest,
            }
        )
    return rows


def _score(
    found: Found,
    unwarped: Found | None,
    anatomy: Anatomy,
    template: ScoredTemplate,
    folder: Path,
) -> tuple[Row, ScalarMap]:
    """Score one, and give the true log ratio of every voxel as far as it is known."""
    truth = load_truth(make_anatomy(anatomy, folder))
    if unwarped is None:
        result = score_exactly(found, truth, template)
        return vars(result), np.nan_to_num(truth.log_jacobian.values)
    own = load_truth(make_anatomy(anatomy.unwarped, folder))
    between = carry(unwarped, own, truth, template)
    change = np.zeros(template.brain.extent, dtype=np.float32)
    change[between.inside] = between.true
    return vars(between.score(found, unwarped)), unwarped.log_ratio + change


def _volumes(found: Found, true: ScalarMap, template: ScoredTemplate) -> Row:
    estimated, right = volumes(found.log_ratio, template), volumes(true, template)
    row: Row = {}
    for region in REPORTED:
        row[f"{region}_mm3"] = estimated[region]
        row[f"{region}_true_mm3"] = right[region]
    return row


def _found(job: Job, folder: Path) -> Found:
    registration, grid, _ = result_of(job, folder)
    template = scored_template(job.template, folder)
    fine = [
        resample(
            SpatialMap(registration.displacement[..., axis], grid.affine),
            template.brain.extent,
            template.brain.affine,
        )
        for axis in range(3)
    ]
    return read_registration(registration.affine, np.stack(fine, axis=-1), template)


def add_ratios(rows: pd.DataFrame) -> pd.DataFrame:
    """Add each region's volume over that of the same anatomy without loss."""
    rows = rows.copy()
    healthy = rows[rows["loss_percent"] == 0].set_index(["method", "kind"])
    keys = pd.MultiIndex.from_frame(rows[["method", "kind"]])
    for region in REPORTED:
        for name in (f"{region}_mm3", f"{region}_true_mm3"):
            before = healthy[name].reindex(keys).to_numpy()
            rows[name.replace("_mm3", "_ratio")] = rows[name].to_numpy() / before
    return rows


def summary(rows: pd.DataFrame) -> str:
    """Write a line a method as Markdown: means over what each column names."""
    lines = [
        "| method | r, exact: MNI / Colin27 | r, between: Colin27 to MNI (two fields) /"
        " MNI to Colin27 | RMSE exact / between | slope exact / between | target error,"
        " mm, exact / between | hippocampal, ventricular volume wrong by, %, at no loss"
        " | folded | CPU s | GB |",
        "| --- |" + " --- |" * 9,
    ]
    for method, own in rows.groupby("method", sort=False):
        whole = own[own["loss_percent"] == 0].set_index("kind")
        exact = whole[whole.index.str.startswith("exact")]
        between = whole[whole.index.str.startswith("between")]

        def pair(
            column: str, digits: int, a: pd.DataFrame = exact, b: pd.DataFrame = between
        ) -> str:
            return f"{a[column].mean():.{digits}f} / {b[column].mean():.{digits}f}"

        lines.append(
            f"| {method} | {_listed(exact['correlation'])}"
            f" | {_listed(between['correlation'])} | {pair('rmse', 3)}"
            f" | {pair('slope', 2)} | {pair('target_error', 2)}"
            f" | {_wrong(whole, 'hippocampus')}, {_wrong(whole, 'ventricles')}"
            f" | {int(own['folded'].max())} | {own['cpu_seconds'].mean():.0f}"
            f" | {own['peak_mb'].max() / 1000:.1f} |"
        )
    return "\n".join(lines) + "\n"


def doses(rows: pd.DataFrame) -> str:
    """Write the volume ratios by true loss as Markdown: estimated (true, recovered)."""
    lines = [
        "| method | truth | loss, % | hippocampus: found (true) | of the change |"
        " ventricles: found (true) | of the change |",
        "| --- |" + " --- |" * 6,
    ]
    for row in rows[rows["loss_percent"] > 0].to_dict("records"):
        cells = [str(row["method"]), str(row["kind"]), str(row["loss_percent"])]
        for region in REPORTED:
            found, true = row[f"{region}_ratio"], row[f"{region}_true_ratio"]
            share = (1 - found) / (1 - true)
            cells += [f"{found:.3f} ({true:.3f})", f"{100 * share:.0f} %"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _wrong(rows: pd.DataFrame, region: str) -> str:
    """How far a volume is from the true one, on average, where nothing was lost.

    A registration that bends too readily finds changes where there are none.
    """
    ratio = rows[f"{region}_mm3"] / rows[f"{region}_true_mm3"]
    return f"{100 * (ratio - 1).abs().mean():.1f}"


def _listed(values: pd.Series) -> str:
    return " / ".join(f"{v:.3f}" for v in values)
