"""What is known of the person behind a scan, besides the scan."""

from collections.abc import Mapping
from dataclasses import dataclass

from crosswarp.errors import InputError
from crosswarp.evaluation.facts import ScanFacts

AGES = (0.0, 120.0)
"""Ages in years that are taken for one."""


@dataclass(frozen=True)
class Person:
    """What is known of the person; None for what is not.

    Attributes:
        age_years: Age at the scan in years.
        sex: ``F`` or ``M``.
        field_strength_t: Field strength of the scanner in tesla.
    """

    age_years: float | None = None
    sex: str | None = None
    field_strength_t: float | None = None

    def check(self) -> None:
        """Refuse what is no age, sex or field strength.

        Raises:
            InputError: Names the argument.
        """
        low, high = AGES
        if self.age_years is not None and not low <= self.age_years <= high:
            msg = f"`age` is given in years, from 0 to 120, got {self.age_years:g}"
            raise InputError(msg)
        if self.sex not in (None, "F", "M"):
            msg = f"`sex` is F or M, got {self.sex!r}"
            raise InputError(msg)
        field = self.field_strength_t
        if field is not None and not 0 < field <= 20:
            msg = f"`field_strength` is given in tesla, such as 1.5 or 3, got {field:g}"
            raise InputError(msg)


def person_of(facts: ScanFacts) -> Person:
    """Take a person from a row of a cohort table."""
    field = facts.field_strength
    sex = facts.sex if facts.sex in ("F", "M") else None
    return Person(facts.age_years, sex, None if field is None else float(field))


NOBODY = Person()


def check_prevalence(prevalence: float | None) -> None:
    """Refuse what is no prevalence.

    Raises:
        InputError: If it is not between 0 and 1.
    """
    if prevalence is not None and not 0 < prevalence < 1:
        msg = (
            f"`prevalence` is a share between 0 and 1, such as 0.1, got {prevalence:g}"
        )
        raise InputError(msg)


def at_prevalence(
    probabilities: Mapping[str, float], prior: Mapping[str, float], prevalence: float
) -> dict[str, float]:
    """Move probabilities of two classes from one prevalence to another.

    The likelihood ratio of the scan stays what it is: the odds are multiplied by the
    ratio of the odds of both prevalences.

    Args:
        probabilities: Probability of each class; the last one is positive.
        prior: Share of each class that training made the network expect.
        prevalence: Share of the positive class where the scan comes from.

    References:
        Saerens et al. (2002), Adjusting the outputs of a classifier to new a priori
        probabilities. Neural Computation 14, 21-41.

    Example:
        >>> at_prevalence({"CN": 0.2, "AD": 0.8}, {"CN": 0.5, "AD": 0.5}, 0.2)
        {'CN': 0.5, 'AD': 0.5}
    """
    negative, positive = probabilities
    weights = {
        negative: probabilities[negative] * (1 - prevalence) / prior[negative],
        positive: probabilities[positive] * prevalence / prior[positive],
    }
    total = sum(weights.values())
    return {name: round(weight / total, 6) for name, weight in weights.items()}
