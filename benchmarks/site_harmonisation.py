"""Does ComBat help where the site carries the label, and what does a leak look like?

Run from the root of the repository: ``python -m benchmarks.site_harmonisation 40``. The
argument is the number of cohorts a setting; the tables go into
docs/measured/harmonisation.md.

Virtual participants, of whom there are logarithms of 60 regional volumes alone, with a
factor that they share (participants differ more than regions do). The disease moves ten
regions, of which the first is the feature of a one-region model. Each site adds a shift
of its own to each region, around one that all regions share, and scales what varies.
Every model is fitted by the program's own code in five folds, and judged twice: in the
folds, as a paper would, and on 300 other participants of the same sites in which the
site says nothing of the label.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from crosswarp.baselines.harmonised import HarmonisedRegions
from crosswarp.baselines.linear import Study, answer
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.baselines.similarity import MeasuredRegions, View
from crosswarp.statistics.harmonisation import site_effects

PARTICIPANTS: Final = 160
OTHERS: Final = 300
REGIONS: Final = 60
AFFECTED: Final = 10
FOLDS: Final = 5

WAYS: Final = ("none", "inside", "inside, diagnosis", "outside", "outside, diagnosis")
"""How sites are harmonised: within the training part or on all scans of the cohort, and
whether the diagnosis is protected."""


@dataclass(frozen=True)
class Setting:
    """What a cohort is like.

    Attributes:
        disease: Loss of the affected regions in AD, in their standard deviations.
        shift: Standard deviation of the sites' shifts, in the same unit.
        carried: Share of AD at the first half of the sites; at the others of CN.
        sites: Number of sites.
    """

    disease: float
    shift: float
    carried: float
    sites: int = 4


SETTINGS: Final[Mapping[str, Setting]] = {
    "no disease, site carries the label": Setting(0.0, 1.0, 0.85),
    "no disease, 20 small sites carry the label": Setting(0.0, 1.0, 0.85, 20),
    "disease, site carries the label": Setting(0.7, 1.0, 0.85),
    "disease, site says nothing": Setting(0.7, 1.0, 0.5),
    "disease, sites do not differ": Setting(0.7, 0.0, 0.5),
}


@dataclass(frozen=True)
class Cohort:
    """Participants, of whom the last `OTHERS` are in no fold."""

    features: np.ndarray
    sites: np.ndarray
    ill: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator, setting: Setting) -> "Cohort":
        """Draw the participants of one cohort."""
        count = PARTICIPANTS + OTHERS
        sites = np.arange(count) % setting.sites
        share = np.where(
            sites < setting.sites // 2, setting.carried, 1 - setting.carried
        )
        share[PARTICIPANTS:] = 0.5
        ill = rng.random(count) < share
        own, shared = rng.normal(size=(count, REGIONS)), rng.normal(size=(count, 1))
        person = np.sqrt(0.7) * own + np.sqrt(0.3) * shared
        person[:, :AFFECTED] -= setting.disease * ill[:, None]
        common = rng.normal(0, setting.shift / np.sqrt(2), (setting.sites, 1))
        each = rng.normal(0, setting.shift / np.sqrt(2), (setting.sites, REGIONS))
        scale = np.exp(rng.normal(0, 0.15 * setting.shift, (setting.sites, 1)))
        seen = person * scale[sites] + (common + each)[sites]
        return cls(seen, sites, ill.astype(np.int64))

    @property
    def names(self) -> list[str]:
        """Names of the sites of all participants."""
        return [f"site {number}" for number in self.sites]


def main(cohorts: int) -> None:
    """Print a table for the model of all regions and for that of one."""
    for title, used in (("all 60 regions", range(REGIONS)), ("one region", range(1))):
        _say(f"\n{title}: AUC within folds, then on others (SD over cohorts)\n")
        _say("| cohort | " + " | ".join(WAYS) + " |")
        _say("| --- |" + " ---: |" * len(WAYS))
        for name, setting in SETTINGS.items():
            # The same cohorts for every way and model.
            drawn = [
                Cohort.draw(np.random.default_rng(seed), setting)
                for seed in range(cohorts)
            ]
            cells = [
                _cell([_areas(cohort, way, list(used)) for cohort in drawn])
                for way in WAYS
            ]
            _say(f"| {name} | " + " | ".join(cells) + " |")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _cell(areas: list[tuple[float, float]]) -> str:
    (inside, outside), (first, second) = np.mean(areas, 0), np.std(areas, 0)
    return f"{inside:.3f} ({first:.3f}), {outside:.3f} ({second:.3f})"


def _areas(cohort: Cohort, way: str, used: list[int]) -> tuple[float, float]:
    """Mean AUC over test parts, and on those who are in no fold."""
    settings = BaselineSettings(
        name="volumes", features="volumes", strengths=(1.0,), inner_folds=2
    )
    view = _view(cohort, way, used)
    everyone = np.arange(PARTICIPANTS + OTHERS)
    dealt = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    ill = cohort.ill[:PARTICIPANTS]
    found = []
    for train, test in dealt.split(ill, ill):
        study = Study(
            views={0.0: view},
            diagnoses=cohort.ill,
            participants=everyone,
            train=np.isin(everyone, train),
            val=np.zeros(len(everyone), dtype=bool),
        )
        probability = answer(study, settings, 2, 0).probabilities[:, 1]
        found.append(
            [
                roc_auc_score(cohort.ill[rows], probability[rows])
                for rows in (test, np.arange(PARTICIPANTS, len(everyone)))
            ]
        )
    within, others = np.mean(found, axis=0)
    return float(within), float(others)


def _view(cohort: Cohort, way: str, used: list[int]) -> View:
    where, _, protected = way.partition(", ")
    if where == "none":
        return MeasuredRegions(cohort.features[:, used])
    if where == "outside":
        return MeasuredRegions(_outside(cohort, bool(protected))[:, used])
    return HarmonisedRegions(
        cohort.features,
        used,
        cohort.names,
        np.zeros((len(cohort.ill), 0)),
        cohort.ill if protected else None,
        np.arange(len(cohort.ill)),
    )


def _outside(cohort: Cohort, protected: bool) -> np.ndarray:
    """Harmonise all scans at once, as packages for it do: the leak.

    With the diagnosis protected it is a covariate that stays in, of test scans as well.
    """
    inside = slice(PARTICIPANTS)
    known = cohort.ill[:, None].astype(float) if protected else None
    effects = site_effects(
        cohort.features[inside],
        cohort.names[:PARTICIPANTS],
        None if known is None else known[inside],
    )
    return effects.remove(cohort.features, cohort.names, known)


if __name__ == "__main__":
    main(int(sys.argv[1]))
