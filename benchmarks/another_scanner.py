"""How much does a trained model lose on another scanner? Virtual participants.

Run from the root of the repository: ``python -m benchmarks.another_scanner WORK``; the
same command resumes, and prints a table (docs/how-to/another-cohort.md).

Networks are trained on virtual participants of one scanner. Others, who are in no fold,
are then scanned by that scanner, by one that differs as two sites of the preset
``realistic`` do, and by one that differs more: the same bodies, so that the scanner
alone is different, and differences are paired. Maps are exact ones, as in
`benchmarks.validation_study.truth`: the T1w as a perfect affine lays it on the
template, the log-Jacobian as a perfect registration finds it. A scanner therefore
changes the T1w alone; what it does to a registration is not in these figures.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.validation_study.coarse import (
    RESOLUTION,
    TRAINING,
    block_means,
    write_coarse,
    write_mask,
)
from benchmarks.validation_study.truth import (
    STEP,
    aligned_image,
    head_of,
    heads_folder,
)
from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import write_dataset_description
from crosswarp.errors import FoldingError
from crosswarp.files import written_whole
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.prediction.cohort import CohortAsked, answers_of, predict_cohort
from crosswarp.prediction.external import evaluate_cohort
from crosswarp.prediction.known import KnownScans, known_scans
from crosswarp.registration.result import Registration
from crosswarp.registration.template import load_template
from crosswarp.simulation.drawing import VirtualParticipant, draw_participant
from crosswarp.simulation.heads import Head, load_head, load_placement
from crosswarp.simulation.participant import make_body
from crosswarp.simulation.presets import SCANNERS, preset_settings
from crosswarp.simulation.settings import AcquisitionSettings, SimulationSettings
from crosswarp.simulation.truth_maps import true_maps
from crosswarp.statistics.delong import delong
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.cohort_prediction import read_cohort_prediction
from crosswarp.study.names import COHORT, FOLDS, MODELS
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment

TRAINED: Final = 80
OTHERS: Final = 80
FOLD_COUNT: Final = 4

NETWORKS: Final = ("compact_jsm", "compact_t1w", "compact_cross_attention")


def _scanner(name: str, gamma: float, noise: float) -> AcquisitionSettings:
    changes = {"sites": (name,), "gamma_mean": gamma, "noise": noise}
    alone = {"site_gamma_sd": 0.0, "site_noise_sd": 0.0, "site_bias_sd": 0.0}
    return SCANNERS.model_copy(update={**changes, **alone})


HERE: Final = "the same scanner"

SCANNERS_OF: Final[Mapping[str, AcquisitionSettings]] = {
    HERE: _scanner("same", 0.0, 0.03),
    "another scanner": _scanner("other", 0.11, 0.042),
    "a very different scanner": _scanner("different", 0.3, 0.06),
}
"""By name. Contrast: logarithm of the exponent of intensities, whose SD between sites
of the preset is 0.08, so that two sites differ by 0.11; noise as a share of white
matter, of which two sites differ by the factor 1.4."""


@dataclass(frozen=True)
class Bodies:
    """Real heads to make participants from.

    Attributes:
        settings: Cohort on the training scanner.
        heads: Each real head, with its place in the template.
    """

    settings: SimulationSettings
    heads: Mapping[str, tuple[Head, Registration]]

    @classmethod
    def load(cls, work: Path) -> "Bodies":
        """Load the heads of the preset ``realistic``."""
        settings = preset_settings(
            "realistic",
            participants=TRAINED + OTHERS,
            acquisition=SCANNERS_OF[HERE],
        )
        folder = heads_folder(work, settings)
        return cls(
            settings,
            {
                name: (load_head(name, folder, STEP), load_placement(name, folder))
                for name in settings.heads
            },
        )

    def write(self, number: int, places: Mapping[str, Path]) -> VirtualParticipant:
        """Write the maps of one participant, scanned by some scanners.

        Args:
            number: Number of the participant, from 1.
            places: Folder of maps by scanner.
        """
        person = draw_participant(number, self.settings)
        if all(_done(folder, person).is_file() for folder in places.values()):
            return person
        head, placed = self.heads[person.head]
        body = make_body(person, head, self.settings)
        seen = head_of(person, head, self.settings)
        maps = true_maps(body, placed, RESOLUTION)
        mask = load_template(RESOLUTION).mask
        jsm = block_means(maps.log_jacobian * mask)
        for name, folder in places.items():
            settings = self.settings.model_copy(
                update={"acquisition": SCANNERS_OF[name]}
            )
            scanned = draw_participant(number, settings)
            t1w = aligned_image(scanned, seen, settings, (body, maps.affine))
            who = person.scan.participant_id
            write_coarse(folder, who, block_means(t1w), jsm)
            with written_whole(_done(folder, person)) as temporary:
                temporary.write_text("done\n", encoding="utf-8")
        return person


def _done(folder: Path, person: VirtualParticipant) -> Path:
    return folder.parent / "done" / f"{person.scan.label}.txt"


def main() -> None:
    """Make maps, train, predict, evaluate, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.another_scanner")
    parser.add_argument("work", type=Path)
    work = parser.parse_args().work
    bodies = Bodies.load(work)
    trained, others = work / "trained", {name: work / name for name in SCANNERS_OF}
    _write(bodies, range(1, TRAINED + 1), {HERE: trained})
    _write(bodies, range(TRAINED + 1, TRAINED + OTHERS + 1), others)
    run = _trained(trained)
    _say("| model | scanner | AUC [95 %] | difference to the same scanner [95 %] |")
    _say("| --- | --- | ---: | ---: |")
    for model in NETWORKS:
        asked = run / MODELS / model
        found = {name: _asked(asked, folder) for name, folder in others.items()}
        for name, (auc, known) in found.items():
            _say(
                f"| {model} | {name} | {_told(auc)} | {_drop(known, found[HERE][1])} |"
            )


def _write(bodies: Bodies, numbers: range, cohorts: Mapping[str, Path]) -> None:
    places = {name: folder / "maps" for name, folder in cohorts.items()}
    people = []
    for number in numbers:
        try:
            people.append(bodies.write(number, places))
        except FoldingError as error:
            # Drawn too far from the real head, on every scanner alike.
            _say(f"participant {number} is left out: {error}")
    for name, folder in cohorts.items():
        write_dataset_description(folder / "maps", "exact maps of virtual participants")
        write_mask(folder / "maps")
        write_cohort(folder / COHORT, _table(people, SCANNERS_OF[name].sites[0]))


def _table(people: list[VirtualParticipant], site: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "participant_id": ScanId(one.scan.participant_id).participant_id,
                "session_id": None,
                "diagnosis": one.diagnosis.value,
                "age_years": one.age_years,
                "sex": one.sex,
                "site": site,
                "origin": "virtual",
            }
            for one in people
        ]
    )


def _trained(folder: Path) -> Path:
    """Train every network on every fold, as ``crosswarp compare`` does."""
    cohort = pd.read_csv(folder / COHORT, sep="\t")
    write_folds(folder / FOLDS, make_folds(cohort, folds=FOLD_COUNT))
    experiment = Experiment.model_validate(
        {
            "name": "scanners",
            "cohort": folder / COHORT,
            "derivatives": folder / "maps",
            "folds": folder / FOLDS,
            "models": list(NETWORKS),
            "volume_baselines": False,
            "training": TRAINING,
        }
    )
    cross_validate(experiment, folder / "run")
    return folder / "run"


def _asked(model: Path, folder: Path) -> tuple[Estimate | None, KnownScans]:
    """Predict a cohort and evaluate it, as the two commands do."""
    out = folder / "predicted" / model.name
    predict_cohort(CohortAsked(model, folder / "maps"), out)
    evaluation = evaluate_cohort(out, folder / COHORT)
    record = read_cohort_prediction(out)
    known = known_scans(out, record, answers_of(out, record), folder / COHORT)
    return evaluation.found.metrics.overall["roc_auc"], known


def _drop(known: KnownScans, reference: KnownScans) -> str:
    if known is reference:
        return ""
    found = delong([known.cell()], [reference.cell()], len(known.people.ids))
    return "not defined" if found is None else _told(found.auc, "+")


def _told(found: Estimate | None, sign: str = "") -> str:
    if found is None or found.low is None or found.high is None:
        return "not defined" if found is None else f"{found.value:{sign}.3f}"
    return f"{found.value:{sign}.3f} [{found.low:{sign}.3f}, {found.high:{sign}.3f}]"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
