"""The steps of a study: their order, and a part of them as the user names it."""

import difflib
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

from crosswarp.errors import InputError
from crosswarp.study.settings import Study

Step: TypeAlias = Literal[
    "simulate",
    "preprocess",
    "cohort",
    "folds",
    "compare",
    "evaluate",
    "explain",
    "report",
    "external_cohort",
    "external_predict",
    "external_evaluate",
]

STEPS: Final[tuple[Step, ...]] = get_args(Step)
"""All steps, in the order of a study."""

_BETWEEN: Final = ".."


def steps_of(study: Study) -> tuple[Step, ...]:
    """List the steps that a study has, in order.

    The cohort comes first where it says where the scans are.

    Args:
        study: Study with all choices.
    """
    data, other = study.data, study.external
    needed: dict[Step, bool] = dict.fromkeys(STEPS, True)
    needed["simulate"] = data.simulation is not None
    needed["preprocess"] = data.derivatives is None
    needed["cohort"] = data.cohort is None
    needed["folds"] = study.folds.file is None
    needed["explain"] = study.explanation is not None
    needed["report"] = study.report
    needed["external_cohort"] = other is not None and other.archive is not None
    needed["external_predict"] = needed["external_evaluate"] = other is not None
    steps = [step for step in STEPS if needed[step]]
    if data.archive is not None:
        steps.remove("cohort")
        steps.insert(0, "cohort")
    return tuple(steps)


def chosen_steps(study: Study, text: str | None) -> tuple[Step, ...]:
    """Take the steps that are named, in their order.

    Args:
        study: Study with all choices.
        text: ``FIRST..LAST``, ``FIRST..``, ``..LAST`` or one step; all when None.

    Raises:
        InputError: If there is no such step, the study does not have it, or the order
            is wrong; says what to write instead.
    """
    steps = steps_of(study)
    if text is None:
        return steps
    first, between, last = (part.strip() for part in text.partition(_BETWEEN))
    names = [name for name in (first, last) if name]
    faults = [fault for name in names if (fault := _fault(name, steps))]
    if not names or faults:
        told = "; ".join(faults) or f"`steps={text!r}` names no step"
        msg = f"{told}. Give `steps='FIRST..LAST'` of {', '.join(steps)}"
        raise InputError(msg)
    places = {str(name): place for place, name in enumerate(steps)}
    start = places.get(first, 0)
    stop = places.get(last, len(steps) - 1) if between else start
    if start > stop:
        msg = (
            f"`steps={text!r}` runs backwards: the order is {', '.join(steps)}; give"
            f" `steps='{last}{_BETWEEN}{first}'`"
        )
        raise InputError(msg)
    return steps[start : stop + 1]


def _fault(name: str, steps: Sequence[Step]) -> str:
    """Say why a step cannot be chosen; empty if it can."""
    if name in steps:
        return ""
    if name in STEPS:
        return f"the study file leaves nothing to do for the step {name}"
    near = difflib.get_close_matches(name, steps, n=1)
    return f"there is no step {name!r}" + (f", did you mean {near[0]}?" if near else "")
