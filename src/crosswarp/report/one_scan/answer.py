"""What was answered, in words and numbers; whether it can be trusted comes first."""

from crosswarp.report.one_scan.source import OneScan
from crosswarp.report.parts import Table, Text
from crosswarp.report.wording import count, number


def warn(page: OneScan) -> Text | None:
    """Say what the quality control wants looked at; nothing where all is fine."""
    answer = page.answer
    if not answer.reason:
        return None
    first = f"Look at the maps first: the quality control says {answer.verdict}."
    return Text([first], [answer.reason], is_warning=True)


def tabulate(page: OneScan) -> Table:
    """Give each class its probability, and the range over the networks."""
    answer = page.answer
    several = answer.networks > 1
    columns = zip(
        answer.classes,
        answer.probabilities,
        answer.minimum,
        answer.maximum,
        strict=True,
    )
    rows = [
        [name, number(mean), *([number(low), number(high)] if several else [])]
        for name, mean, low, high in columns
    ]
    headings = ["Class", "Probability"]
    headings += ["Lowest network", "Highest network"] if several else []
    return Table(
        f"Answer of {answer.model}",
        headings,
        rows,
        f"{_decision(page)}{_spread(page)}{_elsewhere(page)}",
    )


def tabulate_changes(page: OneScan) -> Table | None:
    """Give each later session its change; nothing for a person with one session."""
    changes = page.answer.changes
    if changes is None:
        return None
    rows = [
        [
            each.later,
            each.first,
            number(each.years, 2),
            number(each.probability),
            number(each.probability_per_year),
            number(each.log_odds, 2),
            number(each.log_odds_per_year, 2),
        ]
        for each in changes.sessions
    ]
    return Table(
        f"Change between sessions, for {changes.positive}",
        [
            *("Session", "Since", "Years", "Probability", "Per year"),
            *("Log-odds", "Per year"),
        ],
        rows,
        changes.note,
    )


def explain(page: OneScan) -> Text:
    """Say what a reader must know before the numbers are used."""
    # The first note repeats the quality when there is something to check.
    notes = page.answer.notes[1 if page.answer.reason else 0 :]
    return Text([], list(notes))


def _decision(page: OneScan) -> str:
    votes, networks = page.answer.votes, page.answer.networks
    if votes.decision is None:
        return "Decision: none, the networks are divided."
    if networks == 1:
        return f"Decision at the network's own threshold: {votes.decision}."
    return (
        f"Decision: {votes.decision}, by {votes.count} of {count(networks, 'network')},"
        " each at its own threshold."
    )


def _spread(page: OneScan) -> str:
    """Say that the range over the networks is no interval."""
    return f" Range: {page.answer.spread}." if page.answer.networks > 1 else ""


def _elsewhere(page: OneScan) -> str:
    """Say what the network expected, and the probability at a stated prevalence."""
    answer = page.answer
    if not answer.training_prior:
        return ""
    positive = answer.classes[-1]
    expected = f"{100 * answer.training_prior[positive]:.0f}\u00a0%"
    said = f" Training made the networks expect {positive} in {expected} of scans."
    moved = answer.at_prevalence
    if moved is None:
        return said
    return (
        f"{said} Where {100 * moved.prevalence:g}\u00a0% have {positive}, the"
        f" probability of {positive} is {number(moved.probabilities[positive])}."
    )
