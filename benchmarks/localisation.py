"""Does an explanation fall on the regions whose volume was changed?

    python -m benchmarks.localisation RUN/models/NAME DERIVATIVES FOLDS > table.tsv

For virtual participants it is known where the disease changed the brain. Each network
explains the AD test participants of its own fold. The score of a scan is the AUC of
the size of what a region says, for telling the changed structures from the others:
0.5 is chance. The rows with random weights are the control of Adebayo et al. (2018): a
network that has learned nothing must not find the changed regions, either.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata

from crosswarp.atlas import load_atlas
from crosswarp.baselines.structures import STRUCTURES, structures_of
from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table
from crosswarp.explanation.gradients import Maps, integrated_gradients
from crosswarp.explanation.occlusion import occlusions
from crosswarp.inputs.samples import read_map
from crosswarp.models.build import build_network
from crosswarp.models.bundle import Bundle
from crosswarp.prediction.bundles import load_bundles
from crosswarp.prediction.given_maps import given_maps, grid_of
from crosswarp.prediction.ready import Ready
from crosswarp.simulation.settings import AtrophySettings


def auc(values: np.ndarray, changed: np.ndarray) -> float:
    """Probability that a changed region has a larger value than another one."""
    ranks = rankdata(values)
    positives = int(changed.sum())
    negatives = len(changed) - positives
    total = ranks[changed].sum() - positives * (positives + 1) / 2
    return float(total / (positives * negatives))


def is_changed(structure: str) -> bool | None:
    """Say whether the virtual disease changes a structure; None where it does in part.

    Args:
        structure: Name of a structure, of `STRUCTURES`.
    """
    pattern = AtrophySettings.model_fields["pattern"].default
    changed = {name.replace("_", " ") for name in pattern}
    inside = [part in changed for part in STRUCTURES[structure]]
    return all(inside) if all(inside) or not any(inside) else None


def random_weights(bundle: Bundle) -> Bundle:
    """Replace what was learned by fresh weights; the scaling of the maps stays."""
    torch.manual_seed(bundle.card.fold)
    parts = (bundle.card.model, len(bundle.card.classes), bundle.card.extent)
    fresh, learned = build_network(*parts), bundle.network.state_dict()
    kept = {
        k: v
        for k, v in fresh.state_dict().items()
        if k in dict(fresh.named_parameters())
    }
    fresh.load_state_dict({**learned, **kept})
    return replace(bundle, network=fresh.eval())


def scores(
    bundle: Bundle, scan: Maps, regions: list[torch.Tensor], changed: np.ndarray
) -> Iterator[tuple[str, float]]:
    """Score each method on one scan."""
    if bundle.reference is None:
        return
    positive = len(bundle.card.classes) - 1
    found, _ = integrated_gradients(
        bundle.network, scan, bundle.reference, positive=positive
    )
    total = found[0] + found[1]
    sums = np.array([abs(float(total[0, 0][each].sum())) for each in regions])
    sizes = np.array([float(total[0, 0].abs()[each].mean()) for each in regions])
    occluded = occlusions(bundle.network, scan, bundle.reference, regions)
    yield "gradients, sum over the region", auc(sums, changed)
    yield "gradients, mean size in the region", auc(sizes, changed)
    yield "occlusion", auc(np.abs(occluded), changed)


def rows_of(bundle: Bundle, items: list[Ready]) -> Iterator[dict[str, object]]:
    """Explain the scans with a network, and with one of random weights."""
    grid = grid_of(items, bundle.card)
    if grid is None:
        return
    labels, names = load_atlas(grid.extent, grid.affine)
    inside = labels[tuple(slice(*bounds) for bounds in grid.box)]
    parts = [each for each in structures_of(names) if is_changed(each[0]) is not None]
    regions = [torch.from_numpy(np.isin(inside, those)) for *_, those in parts]
    changed = np.array([bool(is_changed(name)) for name, *_ in parts])
    for weights, one in (("trained", bundle), ("random", random_weights(bundle))):
        for item in items:
            t1w, jsm = (
                torch.from_numpy(read_map(path, grid))[None, None] for path in item.maps
            )
            for method, score in scores(one, (t1w, jsm), regions, changed):
                yield {"weights": weights, "method": method, "auc": score}


def main(model: Path, derivatives: Path, folds: Path) -> None:
    """Print the table: mean score and its spread over scans, by method."""
    bundles, parts = load_bundles(model), read_table(folds)
    cohort = read_cohort(folds.with_name("cohort.tsv"))
    ill = set(
        cohort.loc[cohort["diagnosis"] == bundles[0].card.classes[-1], "participant_id"]
    )
    items = [
        i for i in given_maps(derivatives, bundles[0].card) if isinstance(i, Ready)
    ]
    rows: list[dict[str, object]] = []
    for bundle in bundles:
        card = bundle.card
        here = (parts["repeat"] == card.repeat) & (parts["fold"] == card.fold)
        tested = set(parts.loc[here & (parts["split"] == "test"), "participant_id"])
        chosen = [i for i in items if i.scan.participant_id in tested & ill]
        rows += rows_of(bundle, chosen)
    table = pd.DataFrame(rows).groupby(["weights", "method"], sort=False)["auc"]
    table.agg(["mean", "std", "count"]).reset_index().to_csv(
        sys.stdout, sep="\t", index=False, float_format="%.3f"
    )


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
