"""The operating point comes from validation scans, when there are enough."""

import numpy as np

from crosswarp.statistics.thresholds import MINIMUM_A_CLASS, choose_threshold


def test_perfect_separation_is_cut_in_the_gap_nearest_half() -> None:
    probability = np.r_[np.linspace(0.05, 0.3, 10), np.linspace(0.6, 0.9, 10)]
    chosen = choose_threshold(np.arange(20) >= 10, probability)
    assert chosen.rule == "youden on validation"
    assert chosen.value == 0.5


def test_shifted_scores_move_the_threshold() -> None:
    # Negatives end at 0.75, positives start at 0.85: the best cut is halfway.
    probability = np.r_[np.linspace(0.66, 0.75, 10), np.linspace(0.85, 0.94, 10)]
    chosen = choose_threshold(np.arange(20) >= 10, probability)
    assert np.isclose(chosen.value, 0.8)


def test_youden_is_the_largest_of_all_cuts() -> None:
    rng = np.random.default_rng(4)
    positive = np.arange(60) % 2 == 1
    probability = rng.beta(2, 2, 60) * 0.6 + 0.3 * positive
    value = choose_threshold(positive, probability).value

    def youden(cut: float) -> float:
        decided = probability >= cut
        return decided[positive].mean() - decided[~positive].mean()

    assert youden(value) == max(youden(cut) for cut in np.unique(probability))


def test_sorted_cuts_are_all_cuts_tried() -> None:
    """Ties, and scans that share the weight of their participant."""
    rng = np.random.default_rng(9)
    for _ in range(20):
        positive = np.arange(80) % 2 == 1
        probability = (rng.random(80) * 0.7 + 0.3 * positive).round(1)
        shares = rng.choice([1, 1 / 2, 1 / 3], 80)
        values = np.unique(probability)
        cuts = np.append((values[1:] + values[:-1]) / 2, 0.5)
        decided = (probability >= cuts[:, None]) * shares
        youden = (
            decided[:, positive].sum(axis=1) / shares[positive].sum()
            - decided[:, ~positive].sum(axis=1) / shares[~positive].sum()
        )
        best = cuts[youden >= youden.max() - 1e-12]
        expected = best[np.abs(best - 0.5).argmin()]
        assert choose_threshold(positive, probability, shares).value == expected


def test_too_few_scans_keep_one_half() -> None:
    positive = np.arange(30) < MINIMUM_A_CLASS - 1
    chosen = choose_threshold(positive, np.where(positive, 0.9, 0.8))
    assert (chosen.value, chosen.rule) == (0.5, "0.5, too few validation scans")
    assert choose_threshold(positive[:0], np.empty(0)).value == 0.5
