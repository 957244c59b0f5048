"""Names of the files and folders that one room writes and another one reads.

A name is spelled here and nowhere else (`tests/study/test_names.py`); those of a BIDS
data set and of its derivatives are in `crosswarp.bids`. This module imports nothing,
so that every room may read it, those below this one as well.
"""

from typing import Final

# --- Any data set ---------------------------------------------------------------------

DESCRIPTION: Final = "dataset_description.json"
"""What a BIDS data set says of itself."""

PREPROCESSING: Final = "preprocessing.json"
"""Settings that made the maps of each grid: in a folder of derivatives."""

LONGITUDINAL: Final = "longitudinal.tsv"
"""Change of each region between two visits of a person: in a folder of derivatives."""

LONGITUDINAL_SLOPES: Final = "longitudinal_slopes.tsv"
"""Rate of each region over three visits of a person or more, beside it."""

LONGITUDINAL_LEDGER: Final = "longitudinal_ledger.tsv"
"""What became of each pair of visits, beside it."""

# --- A study: what is chosen, and who takes part --------------------------------------

STUDY: Final = "study.yaml"
"""All choices of a study, from its scans to its report."""

STUDY_RECORD: Final = "study.json"
"""What the steps of a study were made from, and when."""

RAW: Final = "bids"
"""Virtual participants that a study makes: a BIDS data set."""

RUN_FOLDER: Final = "run"
"""What a study compares."""

EXTERNAL_FOLDER: Final = "external"
"""Predictions of a study for another cohort, and their evaluation."""

EXTERNAL_COHORT: Final = "external_cohort.tsv"
"""Scans of another cohort, of an archive, one a row."""

COHORT: Final = "cohort.tsv"
"""Scans of the analysis, one a row."""

EXCLUDED: Final = "excluded.tsv"
"""Scans of an archive that are not in the cohort table, each with its reason."""

FOLDS: Final = "folds.tsv"
"""Which participant is in which part of which fold."""

EXPERIMENT: Final = "experiment.yaml"
"""All choices of a comparison; in a run, with every choice spelt out."""

TIMINGS: Final = "timings.tsv"
"""Seconds of each stage of a study."""

DEMO_MARK: Final = ".crosswarp-demo"
"""Says that a folder is a demo's, so that nothing else is written over."""

# --- A run ----------------------------------------------------------------------------

RUN_RECORD: Final = "run.json"
"""The record of training, written last."""

ENVIRONMENT: Final = "environment.json"
"""Versions and machine of the training."""

LEDGER: Final = "ledger.tsv"
"""What became of each fold of each model."""

MISSING: Final = "missing.tsv"
"""Scans without maps that the run goes on without; not there when it has all."""

PASSED_OVER: Final = "passed_over.tsv"
"""Later scans of participants of whom one is used; not there when there is none."""

PREDICTIONS: Final = "predictions.tsv"
"""Answers to the validation and test scans: of a fold, of a run, of a prediction."""

EXCHANGE: Final = "exchange.tsv"
"""Answers to test scans of which one map is another participant's: of a fold or run."""

PRETRAINING: Final = "pretraining.json"
"""In a run: whom its networks have seen before. In a pretraining: its record."""

MODELS: Final = "models"
"""Folder with a folder for each model, which has one for each of its folds."""

TRAINING_LOGS: Final = "lightning_logs"
"""Folder of what is logged while networks are fitted."""

CACHE: Final = "cache"
"""Folder of the maps while networks are fitted."""

# --- A fold of a model ----------------------------------------------------------------

DONE: Final = "done.json"
"""The record of a fold, written last."""

HARMONISATION: Final = "harmonisation.json"
"""Effects of sites that a model of regional volumes took out, of the training set."""

LEARNING_CURVE: Final = "learning_curve.tsv"
"""Losses by epoch: of a fold, and of a pretraining."""

LEARNING_RATES: Final = "learning_rates.tsv"
"""Validation loss by learning rate, where several were tried."""

BUNDLE: Final = "bundle"
"""Folder of a trained network with all that a prediction needs."""

BUNDLE_CARD: Final = "bundle.json"
"""In a bundle: what the network is, and what it was trained on."""

WEIGHTS: Final = "weights.safetensors"
"""Weights of a network: in a bundle, and in a pretraining."""

REFERENCE_MAPS: Final = "reference.safetensors"
"""In a bundle: mean maps of the reference group."""

# --- An evaluation --------------------------------------------------------------------

METRICS: Final = "metrics.json"
"""The record of an evaluation, written last."""

COMPARISONS: Final = "comparisons.tsv"
FOLD_DIFFERENCES: Final = "fold_differences.tsv"
CALIBRATION: Final = "calibration.tsv"
DECISION_CURVE: Final = "decision_curve.tsv"
SUBGROUPS: Final = "subgroups.tsv"
SITES: Final = "sites.tsv"

# --- A power analysis -----------------------------------------------------------------

POWER: Final = "power.json"
"""The record of a power analysis, written last."""

POWER_CURVE: Final = "power.tsv"
"""Simulated power by number of participants."""

# --- An explanation -------------------------------------------------------------------

ATTRIBUTION: Final = "attribution"
"""Folder of attribution maps, with a folder for each model."""

ATTRIBUTION_CARD: Final = "attribution.json"
"""In that folder: its record, written last."""

ATTRIBUTION_RECORD: Final = f"{ATTRIBUTION}/{ATTRIBUTION_CARD}"
"""The same, from the folder of the run."""

REGIONS: Final = "regions.tsv"
"""Regions of the atlas: of an attribution, and of a virtual cohort."""

# --- A report -------------------------------------------------------------------------

REPORT: Final = "report.html"
REPORT_RECORD: Final = "report.json"
"""Says, written last, what page, figures and tables were made from."""

FIGURES: Final = "figures"
TABLES: Final = "tables"

GROUP_MAPS: Final = "group_maps"
"""Folder of the log-Jacobian maps by diagnosis."""

GROUP_MAPS_CARD: Final = "group_maps.json"

# --- A prediction, an export ----------------------------------------------------------

ANSWERS: Final = "predictions"
"""Folder of the answers of a prediction, one file a scan and model."""

ANSWER_ENDING: Final = "_prediction.json"
"""End of the names of those files."""

ANSWER_PAGE_ENDING: Final = "_prediction.html"
"""End of the name of the page that shows an answer, beside it."""

EXPLANATION_ENDING: Final = "_explanation.json"
"""End of the name of the file that says why, beside the answer."""

ATTRIBUTION_MAP_ENDING: Final = "_attribution.nii.gz"
"""End of the names of its attribution maps on the template, after the map's name."""

SCAN_ATTRIBUTION_MAP_ENDING: Final = "_space-T1w_attribution.nii.gz"
"""The same on the scan's own grid."""

COHORT_PREDICTION: Final = "cohort_prediction.json"
"""The record of a prediction for a whole cohort, written last."""

EXTERNAL: Final = "external.json"
"""The record of an evaluation on another cohort, written last."""

EXTERNAL_PAGE: Final = "external.html"
"""The page of that evaluation, for people."""

SHIFT: Final = "shift.tsv"
"""How another cohort differs from the training cohort."""

OLD_PREDICTION: Final = "prediction.json"
"""The answer of the first versions, beside the maps of its scan."""

EXPORT_RECORD: Final = "export.json"
"""The record of an export, written last."""

# --- A virtual cohort -----------------------------------------------------------------

DERIVATIVES: Final = "derivatives"
"""Folder for what was made from a data set, inside it."""

TRUTH: Final = "truth"
"""Folder of the truth about a virtual cohort, among its derivatives."""

SIMULATION: Final = "simulation.json"
"""The settings that made a virtual cohort."""

VIRTUAL_MAPS: Final = "virtual_maps.json"
"""The settings of virtual maps that were drawn without heads."""

SCANS: Final = "scans.tsv"
"""Who was scanned, and what happened to each scan."""

SIGNAL: Final = "signal.tsv"
"""True loss of contrast and signal of each structure of virtual participants."""

TRUE_REGIONS_ENDING: Final = "_regions.json"
"""End of the names of the files with the true regions of a participant."""

# --- A server -------------------------------------------------------------------------

JOB: Final = "job.json"
"""The record of one job of a server, in a folder of its own."""

VIEW: Final = "view.json"
"""What an interactive page shows of a scan: maps and regions."""

RUN_VIEW: Final = "run_view.json"
"""What the interactive page of a run shows: scans, scores and tables."""

REGION_LABELS: Final = "regions.nii.gz"
"""The atlas on the grid of a scan's maps, beside that record."""

SERVER: Final = "crosswarp-jobs.json"
"""Says that a folder has the jobs of a server."""
