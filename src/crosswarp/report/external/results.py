"""How good the model is on the cohort: warnings, numbers, the ROC curve."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import titled_panels, unit_square
from crosswarp.figures.style import BLUE, MUTED, ORANGE, show_band, styled
from crosswarp.report.external.source import Evaluated
from crosswarp.report.parts import Illustration, Table, Text
from crosswarp.report.tables.metrics import shown_metrics
from crosswarp.report.wording import MINUS, count, interval, number
from crosswarp.study.external import External


def warn(page: Evaluated) -> Text | None:
    """Say what stands out; nothing where nothing does."""
    flags = list(page.found.flags)
    return Text(["Before the numbers are used:"], flags, True) if flags else None


def tabulate(page: Evaluated) -> Table:
    """Give every metric with its interval."""
    found = page.found
    shown = shown_metrics(len(found.networks.classes))
    named = {"roc_auc": "ROC-AUC", **shown}
    rows = [
        [title, interval(found.metrics.overall.get(key))]
        for key, title in named.items()
        if found.metrics.overall.get(key) is not None
    ]
    people, scans = count(found.participants, "participant"), count(found.scans, "scan")
    return Table(
        f"{found.networks.model} on {people}, {scans}",
        ["Metric", "Value [95\u00a0%]"],
        rows,
        f"Intervals: bootstrap over participants. {_decided(found)}",
        is_for_paper=True,
    )


def draw(page: Evaluated) -> Illustration:
    """Draw the ROC curve, its band, and the operating point of training."""
    asked = {k: v for k, v in page.questions.items() if v.mean_roc is not None}
    if not asked:
        msg = "there are no scans of every class, so there is no curve"
        raise MissingDerivativeError(msg)
    point = page.found.operating_point
    with styled():
        figure, panels = titled_panels(
            list(asked), (f"1 {MINUS} specificity", "sensitivity")
        )
        for axes, entry in zip(panels, asked.values(), strict=True):
            mean = entry.mean_roc
            if mean is None:
                continue
            show_band(axes, mean.false_positive_rate, mean.low, mean.high)
            axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
            axes.plot(
                mean.false_positive_rate,
                mean.true_positive_rate,
                color=BLUE,
                linewidth=2,
            )
            if point and point.specificity and point.sensitivity:
                at = 1 - point.specificity.value, point.sensitivity.value
                axes.plot(*at, "o", color=ORANGE, markersize=6)
            area = interval(entry.overall["roc_auc"], 2)
            axes.text(0.97, 0.05, f"AUC {area}", ha="right", color=BLUE)
            unit_square(axes)
    areas = "; ".join(
        f"{title} {interval(entry.overall['roc_auc'], 2)}"
        for title, entry in asked.items()
    )
    dot = " Orange: decisions at the thresholds of training." if point else ""
    return Illustration(
        figure,
        "ROC curve on the cohort with its 95\u00a0% band, pointwise, from the bootstrap"
        f" over participants; the diagonal is chance.{dot}",
        f"ROC curve on the cohort. AUC with its 95\u00a0% interval: {areas}.",
    )


def explain(page: Evaluated) -> Text:
    """Say whose scans were not evaluated, and what cannot be stated."""
    found = page.found
    left = [
        f"Not evaluated: {count(scans, 'scan')}: {reason}"
        for reason, scans in found.not_evaluated.items()
    ]
    lacking = [f"Not stated: {sentence}" for sentence in found.unstated]
    points = [*left, *lacking, "This is one cohort; another may differ from it again."]
    return Text([], points)


def _decided(found: External) -> str:
    point = found.operating_point
    if point is None:
        return ""
    at = ", ".join(number(value, 2) for value in point.thresholds)
    divided = (
        f" The networks are divided on {count(point.divided, 'scan')}, an error each."
        if point.divided
        else ""
    )
    return (
        "Decisions: by the majority of the networks, each at the threshold that was"
        f" chosen in training ({at}).{divided}"
    )
