"""How many unlike scans raise a doubt, and how many usual ones do.

    python -m benchmarks.unlike_scans RUN/models/NAME DERIVATIVES FOLDS > table.tsv

Each network is asked about the test participants of its own fold, whose maps it never
saw: as they are, and after changes to the aligned T1w image or to the numbers of the
quality control. The registration is not repeated, so what a change would do to it is
not seen: real scans of these kinds differ by more. Virtual participants show how the
doubts work; they say nothing about patients.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import torch
from scipy import ndimage

from crosswarp.bids.tables import read_table
from crosswarp.inputs.image_numbers import image_numbers
from crosswarp.inputs.samples import read_map
from crosswarp.models.bundle import Bundle
from crosswarp.prediction.ask import ask
from crosswarp.prediction.bundles import load_bundles
from crosswarp.prediction.doubts import doubts_of
from crosswarp.prediction.given_maps import given_maps, grid_of
from crosswarp.prediction.person import NOBODY
from crosswarp.prediction.ready import Ready
from crosswarp.study.findings import Level

Image = np.ndarray
Change = Callable[[Image, np.random.Generator], Image]

CHILD: Final = 0.75
"""Volume of the brain of a child of two years, about, over an adult's."""


def noise(image: Image, rng: np.random.Generator) -> Image:
    """Add noise of a tenth of white matter's brightness."""
    return _inside(image, image + rng.normal(0, 0.1, image.shape))


def motion(image: Image, rng: np.random.Generator) -> Image:
    """Move the head by 6 mm for a quarter of the lines of k-space."""
    lines = np.fft.fftn(image)
    moved = np.fft.fftn(np.roll(image, 3, axis=1))
    chosen = rng.random(image.shape[2]) < 0.25
    lines[:, :, chosen] = moved[:, :, chosen]
    return _inside(image, np.abs(np.fft.ifftn(lines)))


def other_contrast(image: Image, _: np.random.Generator) -> Image:
    """Make dark what is bright, as T2-weighted images have it."""
    return _inside(image, 1.05 - image)


def cut_head(image: Image, _: np.random.Generator) -> Image:
    """Leave out the lowest 30 mm of the box, as a field of view that is too small."""
    cut = image.copy()
    cut[:, :, :15] = 0
    return cut


def unseen_site(image: Image, _: np.random.Generator) -> Image:
    """Blur by 1.5 mm, brighten by a field and bend the contrast."""
    blurred = ndimage.gaussian_filter(image, 1.5 / 2)
    field = 1 + 0.15 * np.linspace(-1, 1, image.shape[1])[None, :, None]
    return _inside(image, np.clip(blurred * field, 0, None) ** 1.3)


def unchanged(image: Image, _: np.random.Generator) -> Image:
    """Leave it as it is: what is flagged is a false alarm."""
    return image


CHANGES: Final[dict[str, Change]] = {
    "unchanged": unchanged,
    "noise": noise,
    "motion": motion,
    "another contrast": other_contrast,
    "cut head": cut_head,
    "child-sized head": unchanged,
    "unseen site": unseen_site,
}


def _inside(image: Image, changed: Image) -> Image:
    kept: Image = np.where(image > 0, np.clip(changed, 1e-3, None), 0)
    return kept.astype(np.float32)


def rows_of(bundle: Bundle, items: list[Ready]) -> Iterator[dict[str, object]]:
    """Ask one network about its held-out scans, as they are and changed."""
    grid = grid_of(items, bundle.card)
    assert grid is not None
    for item in items:
        t1w, jsm = (read_map(path, grid) for path in item.maps)
        for name, change in CHANGES.items():
            changed = change(t1w, np.random.default_rng(0)).astype(np.float32)
            numbers = {**item.numbers, **image_numbers(changed)}
            if name == "child-sized head":
                numbers["brain_volume_cm3"] *= CHILD
            maps = (
                torch.from_numpy(each.copy())[None, None] for each in (changed, jsm)
            )
            asked = ask([bundle], *maps)
            found = doubts_of([bundle], asked.distances, numbers, NOBODY)
            by = {each.name: each.value for each in found.compared}
            yield {
                "change": name,
                "level": found.level,
                "numbers": by.get("image_and_quality", np.nan),
                "embedding": by.get("embedding", np.nan),
            }


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Count by change: by the limits, and at 5 % false alarms of either distance."""
    usual = rows[rows["change"] == "unchanged"]
    limits = {name: usual[name].quantile(0.95) for name in ("numbers", "embedding")}
    found = []
    for name in CHANGES:
        each = rows[rows["change"] == name]
        found.append(
            {
                "change": name,
                "scans": len(each),
                "doubted": (each["level"] != Level.NONE).mean(),
                "refused": (each["level"] == Level.REFUSAL).mean(),
                **{
                    f"{key}_at_5_percent": (each[key] > limit).mean()
                    for key, limit in limits.items()
                },
            }
        )
    return pd.DataFrame(found)


def main(model: Path, derivatives: Path, folds: Path) -> None:
    """Print the table."""
    bundles = load_bundles(model)
    parts = read_table(folds)
    items = [
        i for i in given_maps(derivatives, bundles[0].card) if isinstance(i, Ready)
    ]
    rows: list[dict[str, object]] = []
    for bundle in bundles:
        here = (parts["repeat"] == bundle.card.repeat) & (
            parts["fold"] == bundle.card.fold
        )
        tested = set(parts.loc[here & (parts["split"] == "test"), "participant_id"])
        rows += rows_of(bundle, [i for i in items if i.scan.participant_id in tested])
    summary(pd.DataFrame(rows)).to_csv(
        sys.stdout, sep="\t", index=False, float_format="%.3f"
    )


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
