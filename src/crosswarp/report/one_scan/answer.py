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
    return Table(f"Answer of {answer.model}", headings, rows, _decision(page))


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
