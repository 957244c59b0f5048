"""Every reader of files from outside, with sound files made by the program itself."""

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import torch
import yaml

from crosswarp.bids.archives import items_in
from crosswarp.bids.cohort import make_cohort, read_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import read_ledger
from crosswarp.bids.scanner import field_of_sidecar
from crosswarp.bids.tables import write_table
from crosswarp.evaluation.context import read_context
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.evaluation.predictions import read_predictions
from crosswarp.files import write_json
from crosswarp.inputs.apply_published import apply_published
from crosswarp.inputs.folds import make_folds, read_folds, write_folds
from crosswarp.inputs.made_with import find_preprocessing, read_settings_of
from crosswarp.inputs.published import read_published, write_published
from crosswarp.inputs.samples import find_grid, find_samples, read_map
from crosswarp.inputs.scan_files import Derivatives
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, load_bundle, save_bundle
from crosswarp.models.own_weights import (
    PretrainingCard,
    read_card,
    save_weights,
    start_from_own,
)
from crosswarp.models.pickled import is_sound_checkpoint
from crosswarp.models.reconstruction import MaskSettings, encoders_of
from crosswarp.models.settings import ModelSettings
from crosswarp.prediction.answers import check_free, read_answers, write_answer
from crosswarp.preprocessing.ledger import Ledger
from crosswarp.readers.dicom.archive import unpack
from crosswarp.readers.reading import read_noted
from crosswarp.readers.source import read_source, source_digest
from crosswarp.report.group_maps import read_group_maps
from crosswarp.report.run import Run
from crosswarp.simulation.folder import claim
from crosswarp.simulation.presets import preset_settings
from crosswarp.study.experiment import find_run_experiment
from crosswarp.training.experiment import read_experiment
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import write_series
from tests.evaluation.made_predictions import rows
from tests.faults.record_readers import (
    adni,
    cohort_records,
    fold_design,
    fold_records,
    jobs,
    nacc,
    oasis,
    own_table,
    study_file,
    study_record,
)
from tests.faults.seeds import Seeds, each, in_turn
from tests.prediction.test_answer import ANSWER, KEY
from tests.readers import nifti_variants
from tests.tiny_maps import RESOLUTION, SPACE, map_path, write_tiny_cohort

NETWORK: Final = ModelSettings(
    name="tiny",
    encoder="compact_cnn",
    features=4,
    fusion="concatenation",
    standardise="fixed",
)
EXTENT: Final = (20, 22, 24)


def raw_nifti(folder: Path) -> Seeds:
    made = [
        nifti_variants.save(folder / name, nifti_variants.image())
        for name in ("a.nii", "a.nii.gz")
    ]
    return Seeds(made, lambda: each(read_noted, made))


def raw_sidecar(folder: Path) -> Seeds:
    path = folder / "sub-1_T1w.json"
    write_json(path, {"MagneticFieldStrength": 2.89, "EchoTime": 0.003, "A": [1, "x"]})
    return Seeds([path], lambda: field_of_sidecar(path.with_suffix(".nii.gz")))


def _data_set(folder: Path) -> Path:
    for number in range(4):
        for visit in (1, 2):
            label = f"sub-{number:02d}/ses-{visit}"
            name = label.replace("/", "_")
            image = folder / label / "anat" / f"{name}_T1w.nii.gz"
            image.parent.mkdir(parents=True)
            nifti_variants.save(image, nifti_variants.image())
        table = {"session_id": ["ses-1", "ses-2"], "age": [70.5, 72], "acq_time": "n/a"}
        sub = folder / f"sub-{number:02d}"
        write_table(sub / f"{sub.name}_sessions.tsv", pd.DataFrame(table))
    people = [f"sub-{n:02d}" for n in range(4)]
    table = {"participant_id": people, "sex": ["F", "M"] * 2, "diagnosis": "CN"}
    write_table(folder / "participants.tsv", pd.DataFrame(table).assign(age=71.2))
    levels = {"sex": {"Levels": {"F": "female", "M": "male"}}}
    write_json(folder / "participants.json", levels)
    write_json(folder / "dataset_description.json", {"Name": "a", "BIDSVersion": "1"})
    return folder


def participants(folder: Path) -> Seeds:
    names = ("participants.tsv", "participants.json", "dataset_description.json")
    root = _data_set(folder)
    return Seeds([root / name for name in names], lambda: make_cohort(root))


def sessions(folder: Path) -> Seeds:
    root = _data_set(folder)
    return Seeds(sorted(root.glob("sub-*/*_sessions.tsv")), lambda: make_cohort(root))


def cohort(folder: Path) -> Seeds:
    write_tiny_cohort(folder, 4)
    path = folder / "cohort.tsv"
    return Seeds([path], lambda: read_cohort(path))


def folds(folder: Path) -> Seeds:
    write_tiny_cohort(folder, 12)
    path = folder / "folds.tsv"
    write_folds(path, make_folds(read_cohort(folder / "cohort.tsv"), 3, seed=0))
    return Seeds([path], lambda: read_folds(path))


def published(folder: Path) -> Seeds:
    write_tiny_cohort(folder, 12)
    table = read_cohort(folder / "cohort.tsv")
    path = folder / "split.json"
    write_published(path, make_folds(table, 3), "salt of the tests")
    return Seeds([path], lambda: apply_published(table, read_published(path)))


def ledger(folder: Path) -> Seeds:
    path = folder / "ledger.tsv"
    row = {"participant_id": ["sub-01", "sub-02"], "session_id": ["n/a", "ses-1"]}
    more = {"space": SPACE, "resolution": 2, "status": ["ok", "failed"], "qc": "ok"}
    numbers = {"reason": "n/a", "seconds": 3.5, "fingerprint": "0123", "volume": 1400.5}
    write_table(path, pd.DataFrame({**row, **more, **numbers}))

    def read() -> None:
        read_ledger(path, SPACE, RESOLUTION, required=("participant_id", "status"))
        Ledger(folder).table()

    return Seeds([path], read)


def _maps(folder: Path) -> tuple[Derivatives, Path]:
    write_tiny_cohort(folder, 2)
    maps = Derivatives(folder / "derivatives", SPACE, RESOLUTION)
    return maps, map_path(maps.folder, ScanId("sub-00"), "logjacobian")


def derived_sidecar(folder: Path) -> Seeds:
    maps, path = _maps(folder)
    sidecar = path.with_name(path.name.replace(".nii.gz", ".json"))

    def read() -> None:
        samples = find_samples(read_cohort(folder / "cohort.tsv"), maps)
        find_preprocessing(samples)
        for sample in samples:
            sample.digest()
            read_settings_of(sample)

    return Seeds([sidecar], read)


def derived_map(folder: Path) -> Seeds:
    maps, path = _maps(folder)
    t1w = map_path(maps.folder, ScanId("sub-00"), "preproc")

    def read() -> None:
        samples = find_samples(read_cohort(folder / "cohort.tsv"), maps)
        grid = find_grid(samples, maps, crop=True)
        each(partial(read_map, grid=grid), [t1w, path])

    return Seeds([path, t1w], read)


def template_mask(folder: Path) -> Seeds:
    maps, _ = _maps(folder)

    def read() -> None:
        samples = find_samples(read_cohort(folder / "cohort.tsv"), maps)
        find_grid(samples, maps, crop=True)

    return Seeds([maps.brain_mask], read)


def experiment(folder: Path) -> Seeds:
    write_tiny_cohort(folder, 12)
    write_folds(
        folder / "folds.tsv", make_folds(read_cohort(folder / "cohort.tsv"), 3, seed=0)
    )
    path = folder / "experiment.yaml"
    chosen = {
        **{"name": "a", "cohort": "cohort.tsv", "derivatives": "derivatives"},
        **{"folds": "folds.tsv", "models": ["compact_t1w", {"like": "compact_jsm"}]},
        "training": {"epochs": 2, "batch_size": 4, "learning_rate": [0.001, 0.01]},
        "primary": {"model": "compact_t1w", "reference": "compact_jsm"},
    }
    path.write_text(yaml.safe_dump(chosen, sort_keys=False))
    return Seeds([path], lambda: in_turn(_run_files(folder, path)))


def _run_files(folder: Path, path: Path) -> list[Callable[[], object]]:
    run = Run(folder)
    return [
        lambda: read_experiment(path),
        lambda: read_context(folder),
        lambda: find_run_experiment(folder),
        lambda: run.experiment and (run.model_settings(), run.linked("cohort")),
    ]


def predictions(folder: Path) -> Seeds:
    path = folder / "predictions.tsv"
    write_table(path, rows(["CN", "AD"] * 4, {"a": [0.2, 0.7] * 4}, [0, 0, 1, 1] * 2))
    return Seeds([path], lambda: read_predictions(path))


def metrics(folder: Path) -> Seeds:
    table = folder / "predictions.tsv"
    write_table(table, rows(["CN", "AD"] * 4, {"a": [0.2, 0.7] * 4}, [0, 0, 1, 1] * 2))
    evaluate_run(folder, resamples=100)
    maps = folder / "group_maps"
    card = {"reason": None, "classes": ["CN"], "counts": {"CN": 3}, "predictions": "0"}
    write_json(maps / "group_maps.json", card)
    for name in ("mean-0", "difference", "cohens_d"):
        nifti_variants.save(maps / f"{name}.nii.gz", nifti_variants.image())

    def read() -> None:
        run = Run(folder)
        calls = [lambda: run.metrics.primary.model, lambda: read_group_maps(run)]
        in_turn(calls)

    return Seeds([folder / "metrics.json", *sorted(maps.iterdir())], read)


def _series(folder: Path) -> list[Path]:
    values = np.arange(24 * 24 * 44).reshape(24, 24, 44).astype(np.float32)
    return write_series(folder, SpatialMap(values, np.diag([6.0, 6, 4, 1])))


def dicom(folder: Path) -> Seeds:
    made = _series(folder / "exam")
    return Seeds(made, lambda: read_source(folder / "exam"))


def dicom_zip(folder: Path) -> Seeds:
    archives = [folder / "sub-1.zip", folder / "sub-2.zip"]
    image = nifti_variants.save(folder / "a.nii", nifti_variants.image())
    for archive, files in zip(archives, (_series(folder / "x"), [image]), strict=True):
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            for file in files[:3]:
                opened.write(file, f"exam/{file.name}")

    def read(archive: Path) -> None:
        items_in(archive)
        source_digest(archive, ["exam"])
        shutil.rmtree(folder / "out", ignore_errors=True)
        (folder / "out").mkdir()
        unpack(archive, folder / "out")
        read_source(archive)

    return Seeds(archives, lambda: each(read, archives))


def _bundle(folder: Path) -> Path:
    torch.manual_seed(0)
    card = BundleCard(
        **{"model": NETWORK, "classes": ("CN", "AD"), "space": "S", "resolution": 2},
        **{"grid_extent": EXTENT, "box": ((0, 20), (0, 22), (0, 24))},
    )
    network = build_network(NETWORK, 2, EXTENT)
    save_bundle(folder / "bundle", network, card)
    return folder / "bundle"


def bundle_card(folder: Path) -> Seeds:
    bundle = _bundle(folder)
    return Seeds([bundle / "bundle.json"], lambda: load_bundle(bundle))


def bundle_weights(folder: Path) -> Seeds:
    bundle = _bundle(folder)
    return Seeds([bundle / "weights.safetensors"], lambda: load_bundle(bundle))


def own_weights(folder: Path) -> Seeds:
    network = build_network(NETWORK, 2, EXTENT)
    known = {"model": NETWORK, "mask": MaskSettings(), "fingerprint": "f"}
    place = {"space": "S", "resolution": 2, "participants": ("sub-1",)}
    card = PretrainingCard.model_validate({**known, **place})
    save_weights(folder, encoders_of(network, NETWORK), card)
    calls: list[Callable[[], object]] = [
        lambda: read_card(folder),
        lambda: start_from_own(network, NETWORK, folder),
    ]
    names = ("weights.safetensors", "pretraining.json")
    return Seeds([folder / name for name in names], lambda: in_turn(calls))


def checkpoint(folder: Path) -> Seeds:
    path = folder / "a.ckpt"
    network = build_network(NETWORK, 2, EXTENT)
    known = {"epoch": 1, "global_step": 3, "state_dict": network.state_dict()}
    rest = {"loops": {}, "callbacks": {}, "optimizer_states": [], "lr_schedulers": []}
    torch.save({**known, **rest}, path)
    return Seeds([path], lambda: is_sound_checkpoint(path))


def simulation(folder: Path) -> Seeds:
    settings = preset_settings("realistic", participants=2)
    claim(folder, settings)
    [mark] = folder.rglob("simulation.json")
    # A cohort without participants gives way to any other.
    (folder / "sub-01").mkdir()
    return Seeds([mark], lambda: claim(folder, settings))


def answers(folder: Path) -> Seeds:
    path = write_answer(folder, KEY, ANSWER, "maps")

    def read() -> None:
        check_free(folder, KEY)
        other = replace(KEY, scan=ScanId("sub-02"))
        write_answer(folder, other, replace(ANSWER, scan=other.scan), "maps")
        read_answers(folder)

    return Seeds([path], read)


READERS: Final[dict[str, Callable[[Path], Seeds]]] = {
    made.__name__: made
    for made in (
        *(raw_nifti, raw_sidecar, participants, sessions, cohort, folds, ledger),
        published,
        *(derived_sidecar, derived_map, template_mask, experiment, predictions),
        *(metrics, dicom, dicom_zip, bundle_card, bundle_weights, own_weights),
        *(checkpoint, simulation, answers),
        *(study_file, study_record, cohort_records, fold_records, fold_design),
        *(own_table, adni, oasis, nacc, jobs),
    )
}
