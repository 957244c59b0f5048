"""AUC of each model, and its difference to the reference."""

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, interval, p_value, spread


def tabulate(run: Run) -> Table:
    """Show mean ± SD over folds, AUC over folds, paired difference and its p."""
    metrics = run.metrics
    by_model = run.comparisons
    reference = metrics["reference"]
    rows = []
    for name in run.compared():
        model = metrics["models"][name]
        row = by_model[name]
        difference = {
            "value": row["difference"],
            "low": row["difference_low"],
            "high": row["difference_high"],
        }
        is_reference = name == reference
        rows.append(
            [
                name,
                spread(model["mean"]["roc_auc"], model["sd"]["roc_auc"]),
                interval(model["overall"]["roc_auc"]),
                "reference" if is_reference else interval(difference),
                ABSENT if is_reference else p_value(row["p"]),
                ABSENT if is_reference else p_value(row["p_holm"]),
                ABSENT if is_reference else p_value(row["t_p_holm"]),
            ]
        )
    return Table(
        "Comparison of models by ROC-AUC",
        [
            "Model",
            "Mean ± SD over folds",
            "Over all folds [95\u00a0%]",
            f"Difference to {reference} [95\u00a0%]",
            "p",
            "p, Holm",
            "p if trained again, Holm",
        ],
        rows,
        "Over all folds: only pairs of scans within a fold are compared, since scores"
        " of different folds come from different networks. Intervals: bootstrap over"
        f" participants, {metrics['settings']['resamples']} resamples. p: paired"
        " permutation of the two models, two-sided; Holm over this table. It takes the"
        " networks as they are; the last column, a corrected resampled t-test over the"
        " folds, asks whether the difference would hold if they were trained again."
        " age_sex_headsize: a model of age, sex and head size alone.",
    )
