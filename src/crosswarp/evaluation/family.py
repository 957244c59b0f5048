"""The primary comparison, its family, and the correction for all of the family."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.errors import InputError
from crosswarp.statistics.comparison import holm
from crosswarp.study.experiment import (
    VOLUME_BASELINES,
    DeclaredPrimary,
    RunExperiment,
)
from crosswarp.study.metrics import PrimaryComparison
from crosswarp.study.names import EXPERIMENT

NOT_DECLARED: Final = "not declared in the experiment file"

PRIMARY_ROLE: Final = "primary"
FAMILY_ROLE: Final = "family"
FURTHER_ROLE: Final = "outside the family"


@dataclass(frozen=True)
class Family:
    """Which comparisons are corrected together, and which of them is the primary one.

    Attributes:
        reference: Model that the others are compared with.
        model: Of the primary comparison; None when there is one model only.
        members: Models whose comparisons with the reference are corrected together,
            the primary one among them.
        note: Why the primary comparison does not count as declared beforehand; None
            when it does.
    """

    reference: str
    model: str | None
    members: tuple[str, ...]
    note: str | None

    def role_of(self, model: str) -> str:
        """Name what a model's comparison with the reference is."""
        if model == self.model:
            return PRIMARY_ROLE
        return FAMILY_ROLE if model in self.members else FURTHER_ROLE

    def described(self, test: str) -> PrimaryComparison:
        """Describe the family for ``metrics.json``."""
        return PrimaryComparison(
            test=test,
            metric="roc_auc",
            model=self.model,
            reference=self.reference,
            declared=self.note is None,
            note=self.note,
            family=self.members,
        )


def family_of(
    models: Sequence[str], reference: str | None, declared: RunExperiment
) -> Family:
    """Choose reference, primary comparison and family.

    Models of regional volumes are in no family unless the experiment names them: they
    stand in every table, and are no question that it asks.

    Args:
        models: All that were evaluated, in the order of the predictions.
        reference: Asked for now; None for the declared one, or else the experiment's
            first network, or the first model.
        declared: What the experiment file says.

    Raises:
        InputError: If a model that is asked for or declared was not evaluated.
    """
    primary = declared.primary
    chosen = known_model(reference, models, "to compare with") if reference else None
    model, against = (
        known_model(name, models, f"for primary.{part} of {EXPERIMENT}")
        if name
        else None
        for part, name in _declared(primary)
    )
    if chosen is not None and chosen != against:
        note = f"the reference {chosen} was chosen when evaluating"
        if primary:
            note += f"; the experiment declares {model} against {against}"
        others = [name for name in _ordered(models, declared) if name != chosen]
        first = model if model in others else next(iter(others), None)
        return Family(chosen, first, _asked(others, first), note)
    if model is None or against is None:
        ordered = _ordered(models, declared)
        first = ordered[0] if declared.models else models[0]
        others = [name for name in ordered if name != first]
        against_first = next(iter(others), None)
        members = _asked(others, against_first)
        return Family(first, against_first, members, NOT_DECLARED)
    return Family(against, model, _members(models, model, against, declared), None)


def _declared(primary: DeclaredPrimary | None) -> list[tuple[str, str | None]]:
    """Name the parts of the primary comparison; None where none is declared."""
    if primary is None:
        return [("model", None), ("reference", None)]
    return [("model", primary.model), ("reference", primary.reference)]


def _ordered(models: Sequence[str], declared: RunExperiment) -> list[str]:
    """Sort models as the experiment lists its networks, the others by name."""
    listed = [name for name in declared.models if name in models]
    return listed + sorted(name for name in models if name not in listed)


def _members(
    models: Sequence[str], model: str, reference: str, declared: RunExperiment
) -> tuple[str, ...]:
    listed = declared.family
    if listed is None:
        return _asked([name for name in models if name != reference], model)
    further = {
        known_model(name, models, f"for family of {EXPERIMENT}") for name in listed
    }
    return tuple(
        name
        for name in models
        if name != reference and (name == model or name in further)
    )


def _asked(others: Sequence[str], first: str | None) -> tuple[str, ...]:
    """Leave the models of volumes out, but the one of the primary comparison."""
    return tuple(
        name for name in others if name == first or name not in VOLUME_BASELINES
    )


def known_model(name: str, models: Sequence[str], purpose: str) -> str:
    """Find a model by its name.

    Raises:
        InputError: If there is none; the message has the nearest name.
    """
    if name not in models:
        near = difflib.get_close_matches(str(name), models, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        msg = (
            f"no model {name!r} {purpose}; the predictions have"
            f" {', '.join(models)}{hint}"
        )
        raise InputError(msg)
    return name


def corrected(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Fill the columns ``*p_holm`` by Holm's method over the families of all tables.

    Each test is corrected by itself. A comparison outside the family, or one whose p is
    not defined, has no corrected p and does not count.

    Args:
        tables: Each with the columns of ``comparisons.tsv``: one a task.
    """
    inside = pd.concat([table["role"] for table in tables], ignore_index=True).isin(
        (PRIMARY_ROLE, FAMILY_ROLE)
    )
    made = [table.copy() for table in tables]
    ends = np.cumsum([len(table) for table in tables])[:-1]
    for column in [name for name in tables[0] if str(name).endswith("p_holm")]:
        raw = str(column).removesuffix("_holm")
        p = np.concatenate(
            [pd.to_numeric(table[raw]).to_numpy(float) for table in made]
        )
        counted = inside.to_numpy() & ~np.isnan(p)
        adjusted = np.full(len(p), np.nan)
        adjusted[counted] = holm(p[counted].tolist())
        for table, part in zip(made, np.split(adjusted, ends), strict=True):
            table[column] = part
    return made
