"""How a cohort is made of a data set's tables: what the user says of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from crosswarp.bids.columns import SYNONYMS
from crosswarp.bids.diagnoses import parse_label
from crosswarp.bids.values import SEXES
from crosswarp.errors import InputError

_BETWEEN: Final = "="


@dataclass(frozen=True)
class CohortOptions:
    """What the user says of the tables of a data set.

    Attributes:
        mapping: New diagnosis by the one written; case does not count.
        drop: Diagnoses to leave out.
        missing: Spellings and codes of missing values, besides those always known.
        sex_codes: F, M or O by code.
        columns: The table's column by ours, such as ``diagnosis: group``.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    sex_codes: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


def read_options(
    mapping: Iterable[str] = (),
    drop: Iterable[str] = (),
    missing: Iterable[str] = (),
    sex_codes: Iterable[str] = (),
    columns: Iterable[str] = (),
) -> CohortOptions:
    """Read the options of the command line.

    Args:
        mapping: Renamed diagnoses, as ``SMC=CN``.
        drop: Labels to leave out.
        missing: Spellings and codes.
        sex_codes: Codes of sex, as ``1=M,2=F``.
        columns: Renamed columns, as ``diagnosis=group``.

    Raises:
        InputError: If one is not of this form, or names what there is not.
    """
    return CohortOptions(
        {key: parse_label(label) for key, label in _pairs(mapping, "--map SMC=CN")},
        tuple(parse_label(label) for label in drop),
        tuple(missing),
        {code: _sex(word) for code, word in _pairs(_split(sex_codes), "1=M,2=F")},
        {
            _ours(name): column
            for name, column in _pairs(columns, "--column diagnosis=group")
        },
    )


def _split(values: Iterable[str]) -> list[str]:
    return [part for value in values for part in value.split(",")]


def _pairs(values: Iterable[str], example: str) -> list[tuple[str, str]]:
    pairs = []
    for value in values:
        before, _, after = (part.strip() for part in value.rpartition(_BETWEEN))
        if not before or not after:
            msg = f"expected a pair as in {example}, got {value!r}"
            raise InputError(msg)
        pairs.append((before, after))
    return pairs


def _sex(word: str) -> str:
    sex = SEXES.get(word.casefold())
    if sex is None:
        msg = f"--sex-codes gives codes the meaning F, M or O, got {word!r}"
        raise InputError(msg)
    return sex


def _ours(name: str) -> str:
    ours = "age_years" if name == "age" else name
    if ours not in SYNONYMS:
        msg = f"--column sets one of {', '.join(SYNONYMS)}, got {name!r}"
        raise InputError(msg)
    return ours
