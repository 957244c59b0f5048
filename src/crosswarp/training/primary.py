"""The comparison that an experiment declares before anything is trained."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

EVALUATED: Final = ("covariates",)
"""Models that no experiment lists and that the evaluation adds."""


class Primary(BaseModel):
    """The primary comparison: does one model have a larger AUC than another?

    Attributes:
        model: The one that is expected to be better.
        reference: The one that it is compared with; the family's reference, too.
        metric: What is compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    reference: str
    metric: Literal["roc_auc"] = "roc_auc"


def check_primary(primary: Primary, names: Sequence[str]) -> None:
    """Refuse a primary comparison of models that there are not.

    Args:
        primary: Primary comparison as declared.
        names: Names of all that the experiment compares.

    Raises:
        ValueError: With every unknown name and its nearest known one.
    """
    parts = {"model": primary.model, "reference": primary.reference}
    faults = _unknown(parts.items(), names)
    if primary.model == primary.reference:
        faults.append(f"compares {primary.model} with itself; name two models")
    if faults:
        raise ValueError("; ".join(faults))


def check_family(
    family: Sequence[str], primary: Primary | None, names: Sequence[str]
) -> None:
    """Refuse a family of models that there are not, or one without a primary model.

    Args:
        family: Models that are compared with the primary reference, too.
        primary: As declared; None without.
        names: Names of all that the experiment compares.

    Raises:
        ValueError: With every fault; of an unknown name, its nearest known one.
    """
    if primary is None:
        msg = "needs a primary comparison: primary: {model: NAME, reference: NAME}"
        raise ValueError(msg)
    faults = _unknown([("it", name) for name in family], names)
    if primary.reference in family:
        faults.append(f"it names the reference {primary.reference}; leave it out")
    if len(set(family)) != len(family):
        faults.append("it names a model twice")
    if faults:
        raise ValueError("; ".join(faults))


def _unknown(named: Iterable[tuple[str, str]], names: Sequence[str]) -> list[str]:
    known, faults = [*names, *EVALUATED], []
    for part, name in named:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            faults.append(f"{part} names no model of the experiment, {name!r}; {hint}")
    return faults
