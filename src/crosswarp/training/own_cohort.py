"""What a bundle keeps of its training cohort: counts, digests, where its scans lie."""

from typing import Final

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from crosswarp.evaluation.facts import summary_of
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.dataset import MapDataset
from crosswarp.inputs.duplicates import head_digest
from crosswarp.inputs.fold_checks import Split
from crosswarp.models.embedding import answer_of, reference_of
from crosswarp.study.cohort_summary import EmbeddingReference, TrainingCohort
from crosswarp.training.cell import CellRequest
from crosswarp.types.scores import Features

_USED: Final[tuple[Split, ...]] = ("train", "val")
"""Splits that a network has learned from: weights, epoch, threshold and temperature."""


def training_cohort(
    request: CellRequest, network: nn.Module, data: FoldData
) -> TrainingCohort:
    """Describe whom a network was trained on, without saying who they are.

    Nothing is read of the test part.

    Args:
        request: Cell whose training has ended.
        network: Trained network; in evaluation mode afterwards.
        data: Scans of the cell.
    """
    used = [scan for scan in request.scans if scan.split in _USED]
    rows = [row for split in _USED for row in data.rows(split)]
    return TrainingCohort(
        summary=summary_of((s.scan, s.diagnosis, s.facts) for s in used),
        maps=tuple(sorted({head_digest(data.store.t1w[row]) for row in rows})),
        embedding=_embedding(network, data),
    )


def _embedding(network: nn.Module, data: FoldData) -> EmbeddingReference | None:
    fitted, held_out = (_embedded(network, data, split) for split in _USED)
    if fitted is None:
        return None
    nothing = np.empty((0, fitted.shape[1]))
    return reference_of(fitted, nothing if held_out is None else held_out)


def _embedded(network: nn.Module, data: FoldData, split: Split) -> Features | None:
    """Embed the scans of a split, unchanged, in the order of the store.

    Returns:
        None where there is no scan, or the network has no embedding.
    """
    dataset = MapDataset(data.store, data.rows(split), data.diagnoses)
    device = next(network.parameters()).device
    network.eval()
    found = []
    with torch.inference_mode():
        for batch in DataLoader(dataset, batch_size=data.batch_size):
            t1w, jsm = (batch[name].to(device) for name in ("t1w", "jsm"))
            _, embedded = answer_of(network, t1w, jsm)
            if embedded is None:
                return None
            found.append(embedded.double().cpu().numpy())
    return np.concatenate(found) if found else None
