"""Arrays of the statistics: one row a scan, a draw or a participant; NumPy only."""

from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int

Scores: TypeAlias = Float[np.ndarray, "scan"]
"""Any number that grows with the probability of the positive class."""
OtherScores: TypeAlias = Float[np.ndarray, "other"]
"""Scores, or weights, of the scans of the other class."""
Positives: TypeAlias = Bool[np.ndarray, "scan"]
ClassIndex: TypeAlias = Int[np.ndarray, "scan"]
"""Position of a scan's diagnosis among the classes."""
ParticipantIndex: TypeAlias = Int[np.ndarray, "scan"]
"""Position of a scan's participant in the sorted list of all of them."""
Probabilities: TypeAlias = Float[np.ndarray, "scan diagnosis"]
ParticipantWeights: TypeAlias = Float[np.ndarray, "draw participant"]
"""How often each participant is counted in each draw."""
ScanWeights: TypeAlias = Float[np.ndarray, "draw scan"]
Draws: TypeAlias = Float[np.ndarray, "draw"]
"""One value of a statistic a draw."""
ScanValues: TypeAlias = Float[np.ndarray, "scan value"]
SummedDraws: TypeAlias = Float[np.ndarray, "draw value"]
"""Sums over scans, one row a draw."""
Confusion: TypeAlias = Float[np.ndarray, "draw true predicted"]
Influence: TypeAlias = Float[np.ndarray, "participant"]
"""What each participant adds to a deviation; the squares add up to a variance."""
Curves: TypeAlias = Float[np.ndarray, "draw point"]
"""Heights of a curve on a fixed grid, one row a draw."""
Grid: TypeAlias = Float[np.ndarray, "point"]
Bins: TypeAlias = Int[np.ndarray, "scan"]
"""Number of the bin of each scan, from 0."""
BinMembers: TypeAlias = Float[np.ndarray, "scan bin"]
"""1 in the column of each scan's bin, else 0."""
Features: TypeAlias = Float[np.ndarray, "scan feature"]
"""NaN where a value is not known."""
Chosen: TypeAlias = Bool[np.ndarray, "scan"]
HeldOutFeatures: TypeAlias = Float[np.ndarray, "held feature"]
FeatureBlock: TypeAlias = Float[np.ndarray, "scan _"]
"""Some features of all scans; blocks need not be of one size."""
Similarity: TypeAlias = Float[np.ndarray, "scan scan"]
AskedSimilarity: TypeAlias = Float[np.ndarray, "asked scan"]
"""Of scans that a model is asked about with those that it was fitted on."""
FitIndex: TypeAlias = Int[np.ndarray, "fitted"]
"""Rows of the scans that a model is fitted on."""
AskIndex: TypeAlias = Int[np.ndarray, "asked"]
"""Rows of the scans that it is asked about."""
ClassScores: TypeAlias = Float[np.ndarray, "asked diagnosis"]
HeldOutScores: TypeAlias = Float[np.ndarray, "held diagnosis"]
HeldOutIndex: TypeAlias = Int[np.ndarray, "held"]
HeldOutWeights: TypeAlias = Float[np.ndarray, "held"]
AskedProbabilities: TypeAlias = Float[np.ndarray, "asked diagnosis"]
PairedScores: TypeAlias = Float[np.ndarray, "2 person"]
"""Scores of the model (row 0) and of the reference (row 1)."""
PairedPositives: TypeAlias = Float[np.ndarray, "2 positive"]
PairedNegatives: TypeAlias = Float[np.ndarray, "2 negative"]
PairedStudies: TypeAlias = Float[np.ndarray, "2 study person"]
"""The same in simulated studies."""
PositiveStudies: TypeAlias = Float[np.ndarray, "2 study positive"]
NegativeStudies: TypeAlias = Float[np.ndarray, "2 study negative"]
WonPositives: TypeAlias = Float[np.ndarray, "study positive"]
"""Share of the other class that each scan beats, or of one score of it."""
WonNegatives: TypeAlias = Float[np.ndarray, "study negative"]
StudyResults: TypeAlias = Float[np.ndarray, "3 study"]
"""Difference, DeLong's variance of it, and variance of the folds' differences."""
ClassSpread: TypeAlias = Float[np.ndarray, "2 2"]
FeatureValues: TypeAlias = Float[np.ndarray, "feature"]
"""One value a feature."""
SiteFeatures: TypeAlias = Float[np.ndarray, "site feature"]
"""One value a site and feature."""
ScanCovariates: TypeAlias = Float[np.ndarray, "scan covariate"]
"""Numbers that are known of each scan besides its features."""
ScanOutcomes: TypeAlias = Float[np.ndarray, "scan outcome"]
"""Numbers that are known of the scans fitted on alone, such as diagnoses."""
