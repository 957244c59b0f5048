"""Write a made-up run, with everything a report can show, into a folder.

Nothing in it was measured: maps are ellipsoids, predictions are random numbers.
"""

from dataclasses import dataclass, field
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import yaml

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path, template_path
from crosswarp.bids.tables import write_table
from crosswarp.documents import read_json, read_settings
from crosswarp.files import write_json
from crosswarp.models.settings import ModelSettings
from crosswarp.provenance import products_of
from crosswarp.study.attribution import Attribution
from crosswarp.study.attribution import write_attribution as write_attribution_record
from crosswarp.study.environment import Environment, write_environment
from crosswarp.study.experiment import VOLUME_BASELINES
from crosswarp.study.fold import ModelFold
from crosswarp.study.records import BaselineRecord, NetworkRecord, write_fold
from crosswarp.study.run import sources_now
from crosswarp.training.experiment import Experiment, write_experiment
from crosswarp.training.settings import TrainingSettings
from crosswarp.types.arrays import SpatialMap

SPACE = "MNI152NLin2009cSym"

STRENGTHS = {
    "cross_attention": 1.9,
    "early_fusion": 1.5,
    "jsm_only": 1.3,
    "t1w_only": 0.6,
}
"""Distance of the classes' mean logits, by model."""


def phantom(spacing: float = 8.0) -> SpatialMap:
    """Make a template: a bright ellipsoid with a dark hole, three unequal extents."""
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = (-92, -128, -72)
    extent = tuple(int(size // spacing) for size in (186, 222, 182))
    world = np.moveaxis(np.indices(extent), 0, -1) * spacing + affine[:3, 3]
    inside = (((world - (0, -18, 8)) / (68, 86, 66)) ** 2).sum(axis=-1) < 1
    hole = (((world - (0, -18, 14)) / (22, 36, 14)) ** 2).sum(axis=-1) < 1
    values = np.where(inside, np.where(hole, 0.25, 0.8), 0.0).astype(np.float32)
    return SpatialMap(values, affine)


@dataclass(frozen=True)
class FakeRun:
    """How the run is made up.

    Attributes:
        template: Values in [0, 1], 0 outside the brain.
        participants: As many of each class.
        classes: Diagnoses, the first of them without the disease.
        sites: Where they were scanned, in turn.
        folds: Of each repeat.
        repeats: Of the cross-validation.
        origin: Of every participant.
        strengths: By model; see `STRENGTHS`.
    """

    template: SpatialMap = field(default_factory=phantom)
    participants: int = 40
    classes: tuple[str, ...] = ("CN", "AD")
    sites: tuple[str, ...] = ("A", "B", "B")
    folds: int = 5
    repeats: int = 1
    origin: str = "virtual"
    strengths: dict[str, float] = field(default_factory=lambda: dict(STRENGTHS))

    @property
    def networks(self) -> list[str]:
        """Models that are listed; the others stand in every table."""
        return [name for name in self.strengths if name not in VOLUME_BASELINES]

    @property
    def cohort(self) -> pd.DataFrame:
        rng = np.random.default_rng(11)
        count = self.participants
        return pd.DataFrame(
            {
                "participant_id": [f"sub-{i:03d}" for i in range(count)],
                "session_id": "ses-M00",
                "diagnosis": [
                    self.classes[i % len(self.classes)] for i in range(count)
                ],
                "age_years": rng.normal(73, 6, count).round(1),
                "sex": rng.choice(["F", "M"], count),
                "site": [self.sites[i % len(self.sites)] for i in range(count)],
                "origin": self.origin,
            }
        )

    def fold_of(self, repeat: int) -> np.ndarray:
        rng = np.random.default_rng(100 + repeat)
        fold = np.empty(self.participants, dtype=int)
        steps = len(self.classes)
        for start in range(steps):
            order = rng.permutation(np.arange(start, self.participants, steps))
            fold[order] = np.arange(len(order)) % self.folds
        return fold

    def split(self, repeat: int, fold: int) -> np.ndarray:
        member = self.fold_of(repeat)
        validated = (fold + 1) % self.folds
        return np.select(
            [member == fold, member == validated], ["test", "val"], "train"
        )

    def write(self, root: Path) -> Path:
        """Write cohort, folds, derivatives and run; return the run's folder."""
        run = root / "run"
        run.mkdir(parents=True)
        write_table(root / "cohort.tsv", self.cohort)
        write_table(root / "folds.tsv", self._folds())
        predictions = self.predictions()
        write_table(run / "predictions.tsv", predictions)
        write_table(run / "exchange.tsv", self.exchanges(predictions))
        self._write_derivatives(root / "derivatives")
        self._write_settings(run)
        self._write_cells(run)
        return run

    def predictions(self) -> pd.DataFrame:
        cohort, rng = self.cohort, np.random.default_rng(5)
        severity = cohort["diagnosis"].map(self.classes.index).to_numpy()
        centres = np.linspace(0, 1, len(self.classes))
        tables = []
        for repeat in range(self.repeats):
            shared = rng.normal(size=self.participants)
            for model, strength in self.strengths.items():
                for fold in range(self.folds):
                    own = rng.normal(size=self.participants)
                    # Every network has its own scale and offset.
                    place = strength * centres[severity] + 0.8 * shared + 0.6 * own
                    gain, offset = 0.7 + 0.3 * fold, rng.normal(0, 0.4)
                    logits = {
                        name: gain * strength * centre * (place - strength * centre / 2)
                        + offset * centre
                        for name, centre in zip(self.classes, centres, strict=True)
                    }
                    total = sum(np.exp(value) for value in logits.values())
                    split = self.split(repeat, fold)
                    tables.append(
                        pd.DataFrame(
                            {
                                "model": model,
                                "repeat": repeat,
                                "fold": fold,
                                "split": split,
                                "participant_id": cohort["participant_id"],
                                "session_id": cohort["session_id"],
                                "diagnosis": cohort["diagnosis"],
                                "origin": cohort["origin"],
                            }
                            | {f"logit_{name}": logits[name] for name in self.classes}
                            | {
                                f"probability_{name}": np.exp(logits[name]) / total
                                for name in self.classes
                            }
                        )[split != "train"]
                    )
        keys = ["model", "repeat", "fold", "split", "participant_id"]
        table: pd.DataFrame = pd.concat(tables).sort_values(keys)
        return table.reset_index(drop=True)

    def exchanges(self, predictions: pd.DataFrame) -> pd.DataFrame:
        """Exchanged T1w images change nothing; log-Jacobian maps take the answers."""
        tested = predictions.query("split == 'test'").drop(columns="split")
        answers = [
            name for name in tested.columns if name.startswith(("logit", "probab"))
        ]
        tables = []
        for draw in range(2):
            moved = tested.copy()
            for _, part in tested.groupby(["model", "repeat", "fold"]):
                given = np.roll(part[answers].to_numpy(), draw + 1, axis=0)
                moved.loc[part.index, answers] = given
            tables += [
                table.assign(map=name, draw=draw)
                for name, table in (("t1w", tested), ("jsm", moved))
            ]
        return pd.concat(tables)

    def _folds(self) -> pd.DataFrame:
        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "repeat": repeat,
                        "fold": fold,
                        "participant_id": self.cohort["participant_id"],
                        "split": self.split(repeat, fold),
                    }
                )
                for repeat in range(self.repeats)
                for fold in range(self.folds)
            ]
        )

    def _write_derivatives(self, root: Path) -> None:
        rng = np.random.default_rng(3)
        template = self.template
        anatomy = np.asarray(template.values)
        brain = anatomy > 0
        for suffix, values in (("T1w", anatomy), ("mask", brain)):
            path = template_path(root, space=SPACE, res=2, desc="brain", suffix=suffix)
            path.parent.mkdir(parents=True, exist_ok=True)
            save(path, values, template.affine)
        effect = atrophy(template)
        for _, row in self.cohort.iterrows():
            scan = ScanId(row["participant_id"], row["session_id"])
            noise = smooth_noise(rng, template.extent)
            jacobian = (noise + effect * (row["diagnosis"] == "AD")) * brain
            t1w = (anatomy * (1 + 0.03 * rng.normal(size=brain.shape))) * brain
            for desc, values in (
                ("preproc", t1w.clip(0, 1)),
                ("logjacobian", jacobian),
            ):
                path = derivative_path(root, scan, space=SPACE, res=2, desc=desc)
                path.parent.mkdir(parents=True, exist_ok=True)
                save(path, values, template.affine)
        write_table(root / "ledger.tsv", self._ledger(rng))

    def _ledger(self, rng: np.random.Generator) -> pd.DataFrame:
        good = self.cohort[["participant_id", "session_id"]].assign(
            status="ok",
            reason=None,
            seconds=rng.normal(31, 3, self.participants).round(1),
            peak_mb=rng.normal(1180, 40, self.participants).round(),
            fingerprint="0123456789abcdef",
            brain_volume_cm3=rng.normal(1410, 90, self.participants),
            overlap=rng.normal(0.962, 0.006, self.participants),
            folded=0.0,
        )
        failed = {
            "participant_id": "sub-900",
            "session_id": "ses-M00",
            "status": "failed",
            "reason": "incomplete file, copy it again",
        }
        return pd.concat([good, pd.DataFrame([failed])])

    def _write_settings(self, run: Path) -> None:
        experiment = Experiment(
            name="AD and CN, fake run",
            seed=7,
            cohort=run.parent / "cohort.tsv",
            derivatives=run.parent / "derivatives",
            folds=run.parent / "folds.tsv",
            classes=self.classes,
            space=SPACE,
            resolution=2,
            models=tuple(model_named(name) for name in self.networks),
            training=TrainingSettings(
                epochs=20, batch_size=8, learning_rate=(0.00015,)
            ),
        )
        write_experiment(run / "experiment.yaml", experiment)
        versions = {"crosswarp": "0.1.0", "torch": "2.13.0"}
        environment = Environment(
            python="3.11.7", system="Linux", machine="x86_64", versions=versions
        )
        write_environment(run, environment)

    def _write_cells(self, run: Path) -> None:
        self._write_networks(run)
        for model in set(self.strengths) - set(self.networks):
            for repeat in range(self.repeats):
                for fold in range(self.folds):
                    cell = ModelFold(model, repeat, fold).folder(run)
                    cell.mkdir(parents=True)
                    record = BaselineRecord(
                        strength=1.0,
                        fwhm_mm=0.0,
                        inner_auc=0.8,
                        calibrated_on=None,
                        seconds=0.2,
                        peak_mb=300,
                    )
                    write_fold(cell, record)

    def _write_networks(self, run: Path) -> None:
        rng = np.random.default_rng(9)
        for model in self.networks:
            for repeat in range(self.repeats):
                for fold in range(self.folds):
                    cell = ModelFold(model, repeat, fold).folder(run)
                    (cell / "bundle").mkdir(parents=True)
                    sizes = {"parameters": 412_866, "tokens": 120}
                    write_json(cell / "bundle" / "bundle.json", sizes)
                    epochs = np.arange(20)
                    falling = np.exp(-epochs / 8)
                    curve = {
                        "epoch": epochs,
                        "train_loss": 0.25 + 0.45 * falling + rng.normal(0, 0.01, 20),
                        "val_loss": 0.42 + 0.3 * falling + rng.normal(0, 0.02, 20),
                    }
                    write_table(cell / "learning_curve.tsv", pd.DataFrame(curve))
                    record = NetworkRecord(
                        learning_rate=0.00015,
                        epoch=19,
                        epochs=20,
                        val_loss=0.42,
                        exchange_seconds=0.1,
                        seconds=14.2 + fold,
                        peak_mb=911,
                    )
                    write_fold(cell, record)


def model_named(name: str) -> ModelSettings:
    """Choose the parts that a name speaks of; of any other name, stacked maps."""
    fusion = "cross_attention" if name == "cross_attention" else "stacked"
    maps = {"jsm_only": ("jsm",), "t1w_only": ("t1w",)}.get(name)
    seen = {"fusion": fusion} if maps is None else {"fusion": "none", "maps": maps}
    choices = {"name": name, "encoder": "compact_cnn", **seen}
    return ModelSettings.model_validate(choices)


def change_experiment(run: Path, **changes: object) -> None:
    """Change settings of a run's experiment file."""
    path = run / "experiment.yaml"
    text = yaml.safe_dump(read_settings(path) | changes)
    path.write_text(text, encoding="utf-8")


def accept(run: Path, name: str = "metrics.json") -> None:
    """Have a record say that it is of the files that are there now."""
    record = read_json(run / name)
    products = [one for one in record["products"] if (run / one).is_file()]
    record["products"] = products_of(run, products)
    record["made_from"] = sources_now(run, record["made_from"])
    write_json(run / name, record)


def save(path: Path, values: np.ndarray, affine: np.ndarray) -> None:
    """Write a NIfTI file of float32."""
    nib.save(nib.Nifti1Image(values.astype(np.float32), affine), path)


def atrophy(template: SpatialMap) -> np.ndarray:
    """Log-Jacobian of the disease: hippocampi smaller, ventricles larger."""
    grid = np.moveaxis(np.indices(template.extent), 0, -1)
    world = grid @ template.affine[:3, :3].T + template.affine[:3, 3]

    def blob(centre: tuple[float, float, float], width: float) -> np.ndarray:
        found: np.ndarray = np.exp(-(((world - centre) / width) ** 2).sum(axis=-1))
        return found

    hippocampi = blob((-26, -20, -14), 11) + blob((26, -20, -14), 11)
    ventricles = blob((-12, -20, 20), 13) + blob((12, -20, 20), 13)
    change: np.ndarray = 0.4 * ventricles - 0.35 * hippocampi
    return change


def smooth_noise(rng: np.random.Generator, extent: tuple[int, int, int]) -> np.ndarray:
    """Random anatomy: few large bumps."""
    noise = rng.normal(size=extent)
    for axis, size in enumerate(extent):
        distance = np.subtract.outer(np.arange(size), np.arange(size)) * 12.0 / size
        kernel = np.exp(-(distance**2))
        noise = np.moveaxis(np.tensordot(kernel, noise, (1, axis)), 0, axis)
    scaled: np.ndarray = 0.16 * noise / noise.std()
    return scaled


def write_attribution(
    run: Path, model: str, maps: tuple[str, ...] = ("jsm", "t1w")
) -> None:
    """Write what `crosswarp explain` leaves of a model."""
    template = phantom()
    rng = np.random.default_rng(9)
    folder = run / "attribution" / model
    folder.mkdir(parents=True)
    rows = []
    for name in maps:
        brain = np.asarray(template.values) > 0
        values = 1e-4 * smooth_noise(rng, template.extent) * brain
        save(folder / f"{name}.nii.gz", values, template.affine)
        rows += [
            ("hippocampus", "left", name, 590, 0.02, 8.1, 0.05),
            ("amygdala", "right", name, 218, 0.01, 8.3, 0.02),
            ("cuneus", "left", name, 12, 0.01, 30.0, 0.02),
            ("elsewhere in the brain", None, name, 90090, 0.96, 3.5, -0.7),
        ]
    columns = ["region", "hemisphere", "map", "voxels", "share", "density", "signed"]
    write_table(folder / "regions.tsv", pd.DataFrame(rows, columns=columns))
    sources = sources_now(run, ["predictions.tsv"])
    card = Attribution(
        models=(model,),
        atlas="an atlas",
        predictions_digest=sources["predictions.tsv"] or "",
        smoothing_mm=3.0,
        density="mean size over that in the brain",
        outside_brain={model: {"jsm": 0.034, "t1w": 0.0}},
    )
    write_attribution_record(run / "attribution", card, sources)
