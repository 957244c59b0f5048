"""Numbers as a reader wants them."""

from crosswarp.statistics.intervals import Estimate

ABSENT = "\u2013"
"""Shown where there is no value."""

MINUS = "\u2212"


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with fixed digits and a real minus sign.

    Example:
        >>> number(0.5), number(None) == ABSENT
        ('0.500', True)
    """
    if value is None or value != value:
        return ABSENT
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return text.removeprefix("-")
    return text.replace("-", MINUS)


def spread(mean: float | None, deviation: float | None, digits: int = 3) -> str:
    """Write mean ± standard deviation."""
    if deviation is None:
        return number(mean, digits)
    return f"{number(mean, digits)} ± {number(deviation, digits)}"


def interval(estimate: Estimate | None, digits: int = 3) -> str:
    """Write a value and its interval.

    Dashes stand where no interval can be given.

    Example:
        >>> interval(Estimate(0.8, 0.7, 0.9), 2)
        '0.80 [0.70, 0.90]'
    """
    if estimate is None:
        return ABSENT
    low, high = number(estimate.low, digits), number(estimate.high, digits)
    return f"{number(estimate.value, digits)} [{low}, {high}]"


def p_value(value: float | None) -> str:
    """Write a p value; small ones as a bound."""
    if value is None or value != value:
        return ABSENT
    return "< 0.001" if value < 0.001 else number(value)


def count(total: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun.

    Example:
        >>> count(1, "fold"), count(5, "fold")
        ('1 fold', '5 folds')
    """
    return f"{total} {one if total == 1 else many or one + 's'}"
