"""A small study on disk that the examples of the Python API share.

Everything is written by the program's own writers. The only thing that is made up is
what a registration would have found: the maps of the raw scan are drawn, too.
"""

import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import torch
import yaml

import crosswarp
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import (
    figure_path,
    raw_path,
    transform_path,
    write_dataset_description,
)
from crosswarp.bids.raw import RawScan
from crosswarp.bids.tables import write_table
from crosswarp.files import write_json, written_whole
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.preprocessing.kept import settings_digest
from crosswarp.preprocessing.request import request_for
from crosswarp.preprocessing.scan import write_map
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.provenance import write_record
from crosswarp.registration.settings import GreedySettings
from crosswarp.registration.template import load_template
from crosswarp.study.keyed_ids import KeyedIds
from crosswarp.types.arrays import SpatialMap
from crosswarp.types.grid import SPACE

SETTINGS = PreprocessSettings(resolution=2, registration=GreedySettings())
SMALL = {"features": 4, "standardise": "fixed"}
STUDY = {
    "name": "example",
    "data": {"cohort": "cohort.tsv", "derivatives": "derivatives"},
    "preprocessing": {"resolution": 2},
    "folds": {"folds": 2},
    "models": [
        {"like": "compact_jsm", "name": "jsm", **SMALL},
        {"like": "compact_t1w", "name": "t1w", **SMALL},
    ],
    "training": {"epochs": 1, "batch_size": 4, "learning_rate": 0.003},
    "evaluation": {"resamples": 100},
    "explanation": False,
    "report": False,
}


def write_example_study(folder: Path) -> Path:
    """Write maps, folds, an evaluated run, a bundle, and a raw scan with its maps."""
    crosswarp.simulate(folder, 8, what="maps")
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    crosswarp.run_study(path)
    _write_bundle(folder / "bundle")
    _write_scan(folder / "bids", folder / "maps")
    return folder


def _write_bundle(folder: Path) -> None:
    card = BundleCard(
        model=CATALOGUE["compact_jsm"],
        classes=("CN", "AD"),
        space=SPACE,
        resolution=2,
        grid_extent=load_template(2).brain.extent,
        box=((9, 86), (8, 104), (3, 88)),
        preprocessing=settings_digest(SETTINGS.model_dump(mode="json")),
        trained_on=KeyedIds.of(["sub-other"], "a salt of tests"),
        origin="virtual",
    )
    torch.manual_seed(0)
    save_bundle(folder, build_network(card.model, 2, card.extent), card)


def _write_scan(root: Path, out: Path) -> None:
    """Write a raw scan, and the files that say that it is preprocessed."""
    scan = ScanId("sub-001")
    path = raw_path(root, scan)
    path.parent.mkdir(parents=True)
    values = np.random.default_rng(0).integers(0, 1000, (40, 48, 40)).astype(np.int16)
    nib.save(nib.Nifti1Image(values, np.diag([4.0, 4, 4, 1])), path)
    write_json(root / "dataset_description.json", {"Name": "a", "BIDSVersion": "1.9.0"})
    write_dataset_description(out, "maps of the example", raw=root)
    table = {"participant_id": [scan.participant_id], "diagnosis": ["CN"]}
    write_table(root / "participants.tsv", pd.DataFrame(table))
    request = request_for(RawScan(scan, path), out, SETTINGS, root)
    template = load_template(2)
    drawn = crosswarp.read_maps(root.parent / "derivatives", scan.participant_id)
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    written = {"brain": mask, "preproc": drawn.t1w, "logjacobian": drawn.jsm}
    products = []
    for desc, image in written.items():
        write_map(request.map(desc), image)
        write_json(request.map(desc, ".json"), {"Fingerprint": request.fingerprint})
        products += [request.map(desc), request.map(desc, ".json")]
    others = [
        figure_path(out, scan, "qc", request.grid),
        transform_path(out, scan, space=SPACE, extension=".txt", res=2),
    ]
    for other in others:
        with written_whole(other) as temporary:
            temporary.write_text("drawn")
    record = request.map("logjacobian", ".json")
    products = [each for each in [*products, *others] if each != record]
    write_record(
        record,
        {
            "Sources": [request.source],
            "Settings": SETTINGS.model_dump(mode="json"),
            "Fingerprint": request.fingerprint,
            "BrainMask": "deepbet",
            "Quality": {"brain_volume_cm3": {"Value": 1400.0}},
        },
        products=[os.path.relpath(each, record.parent) for each in products],
        sources={"scan": request.source_digest},
    )
