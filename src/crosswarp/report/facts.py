"""What a run says of itself, in a few words each, for the reporting checklists."""

from collections.abc import Callable

from crosswarp.errors import CrosswarpError
from crosswarp.report.design import held_out, validation_text
from crosswarp.report.making import making_of
from crosswarp.report.maps import resolution, space
from crosswarp.report.people import ages, tested_people
from crosswarp.report.run import Run
from crosswarp.report.tables.metrics import shown_metrics
from crosswarp.report.tables.settings import flat
from crosswarp.report.wording import count, interval
from crosswarp.study.names import SUBGROUPS
from crosswarp.types.maps import OF_SCAN, WORDS

VARIABLES = {
    "sex": "sex",
    "age_band": "age band",
    "site": "site",
    "field_strength_t": "scanner field (T)",
}
"""Names of what subgroups are made by."""


def facts_of(run: Run) -> dict[str, str]:
    """Give every fact that the run can tell, by its name."""
    found = {}
    for name, tell in FACTS.items():
        try:
            found[name] = tell(run)
        except CrosswarpError:
            continue
    return found


def _participants(run: Run) -> str:
    people = run.tested.drop_duplicates("participant_id")
    classes = ", ".join(
        f"{int((people['diagnosis'] == name).sum())} {name}"
        for name in run.predictions.classes
    )
    return (
        f"{count(len(people), 'participant')} ({classes}),"
        f" {count(len(run.tested), 'scan')}"
    )


def _partitions(run: Run) -> str:
    cells = run.predictions.of(run.predictions.models[0], "test")
    folds, repeats = cells["fold"].nunique(), cells["repeat"].nunique()
    again = f", repeated {repeats} times" if repeats > 1 else ""
    if held_out(run):
        return validation_text(run)
    return f"{folds} folds by participant{again}, the same for every model"


def _sites(run: Run) -> str:
    sites = tested_people(run)["site"]
    known = sites[sites.notna() & (sites != "n/a")].nunique()
    return count(known, "site") if known else "sites are not known"


def _people(run: Run) -> str:
    people = tested_people(run)
    sexes = people.drop_duplicates("participant_id")["sex"]
    return (
        f"age {ages(people)} years, {int((sexes == 'F').sum())} women,"
        f" {int((sexes == 'M').sum())} men; each fold by itself"
    )


def _quality(run: Run) -> str:
    good, without = int((run.ledger["status"] == "ok").sum()), len(run.left_out)
    left_out = f"; {count(without, 'scan')} without maps left out" if without else ""
    return (
        f"{count(good, 'scan')} preprocessed, {len(run.ledger) - good} refused or"
        f" failed, with the reason{left_out}"
    )


def _maps(run: Run) -> str:
    return (
        "N4, brain mask, affine and nonlinear registration to"
        f" {space(run)}, {resolution(run)} mm; {_seen(run)}; registration:"
        f" {making_of(run).registered_by}"
    )


def _seen(run: Run) -> str:
    maps = run.experiment.maps
    if maps == OF_SCAN:
        return "T1w and log-Jacobian"
    words = " and ".join(WORDS[name] for name in maps)
    return f"networks see the {words}, between the first scan and a later one"


def _models(run: Run) -> str:
    _ = run.experiment
    names = list(run.model_settings())
    return f"{count(len(names), 'model')}: {', '.join(names)}"


def _training(run: Run) -> str:
    training = run.experiment.training
    shown = ("optimiser", "learning_rate", "batch_size", "epochs", "schedule")
    known = {name: training[name] for name in shown if name in training}
    told = [f"{name.replace('_', ' ')} {value}" for name, value in flat(known)]
    return ", ".join(told) or "see the settings"


def _seed(run: Run) -> str:
    seed = run.experiment.seed
    return f"random, from seed {'not given' if seed is None else seed}"


def _selection(run: Run) -> str:
    rule = run.experiment.training.get("selection")
    words = {
        "last": "the last epoch, fixed beforehand",
        "best": "the epoch with the lowest validation loss in each fold",
    }
    return words.get(str(rule), "see the settings")


def _weights(run: Run) -> str:
    used = run.experiment.training.get("class_weights", False)
    return "loss weighted by class" if used else "no class weights"


def _thresholds(run: Run) -> str:
    cells = [cell for model in run.metrics.models.values() for cell in model.cells]
    rules = {cell.threshold.rule for cell in cells if cell.threshold}
    return "probabilities; threshold: " + (" or ".join(sorted(rules)) or "the largest")


def _result(run: Run) -> str:
    name = run.headline
    auc = run.metrics.models[name].overall["roc_auc"]
    return f"{name}: AUC {interval(auc)}; all models and metrics with intervals"


def _metrics(run: Run) -> str:
    shown = shown_metrics(len(run.metrics.classes))
    return ", ".join(["ROC-AUC", *shown.values(), "Brier score", "log loss"])


def _tests(run: Run) -> str:
    metrics = run.metrics
    primary, draws = metrics.primary, metrics.settings.resamples
    declared = "" if primary.declared else ", not declared beforehand"
    return (
        f"primary: DeLong's test corrected for the variability of training{declared},"
        f" Holm over {count(primary.comparisons, 'comparison')}; intervals: bootstrap"
        f" over participants ({draws})"
    )


def _groups(run: Run) -> str:
    found = run.evaluated(SUBGROUPS)["variable"].unique()
    named = [VARIABLES.get(str(name), str(name)) for name in found]
    return f"by {', '.join(named)}" if named else "no group is known"


def _software(run: Run) -> str:
    environment = run.environment
    versions = environment.versions
    told = [
        f"{name} {versions[name]}"
        for name in ("crosswarp", "torch")
        if name in versions
    ]
    return ", ".join([*told, f"Python {environment.python}"])


def _power(run: Run) -> str:
    sizes = [
        f"{pair.participants or 'over ' + str(run.power.limit)} ({pair.model})"
        for pair in run.power.pairs
    ]
    return f"needed for {run.power.difference} in AUC: {', '.join(sizes)}"


def _limits(run: Run) -> str:
    virtual = "; the participants are virtual" if run.predictions.has_virtual else ""
    return f"those that hold for every such run{virtual}"


def _attribution(run: Run) -> str:
    return f"integrated gradients of {', '.join(run.attribution.models)}"


FACTS: dict[str, Callable[[Run], str]] = {
    "participants": _participants,
    "partitions": _partitions,
    "sites": _sites,
    "people": _people,
    "quality": _quality,
    "maps": _maps,
    "models": _models,
    "training": _training,
    "seed": _seed,
    "selection": _selection,
    "weights": _weights,
    "thresholds": _thresholds,
    "result": _result,
    "metrics": _metrics,
    "tests": _tests,
    "groups": _groups,
    "software": _software,
    "power": _power,
    "limits": _limits,
    "attribution": _attribution,
}
"""By the names that the checklists use."""
