"""Temperature and threshold of one trained network, for its bundle."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosswarp.models.bundle import Calibration
from crosswarp.statistics.shares import participant_shares
from crosswarp.statistics.temperature import fit_temperature
from crosswarp.statistics.thresholds import choose_threshold

MOST_PROBABLE = "the most probable class"


def calibration_of(predictions: pd.DataFrame, classes: Sequence[str]) -> Calibration:
    """Fit temperature and threshold on the validation scans of a cell.

    Args:
        predictions: As `prediction_table` returns them; only rows with the split
            ``val`` are used.
        classes: In the order of the answers.
    """
    rows = predictions[predictions["split"] == "val"]
    truth = np.array(
        [classes.index(name) for name in rows["diagnosis"]], dtype=np.int64
    )
    probabilities = rows[[f"probability_{name}" for name in classes]].to_numpy(float)
    shares = participant_shares(rows["participant_id"].to_numpy())
    temperature = fit_temperature(truth, probabilities, shares)
    value, rule = None, MOST_PROBABLE
    if len(classes) == 2:
        threshold = choose_threshold(truth == 1, probabilities[:, 1], shares)
        value, rule = threshold.value, threshold.rule
    return Calibration(
        temperature=temperature.value,
        temperature_log_se=temperature.log_se,
        temperature_rule=temperature.rule,
        threshold=value,
        threshold_rule=rule,
        validation_scans=len(rows),
    )
