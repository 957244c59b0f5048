"""Tables as LaTeX, to be put into a paper."""

import textwrap

from crosswarp.report.parts import Table
from crosswarp.report.wording import ABSENT, MINUS

ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"$<$",
        ">": r"$>$",
        "±": r"$\pm$",
        "²": r"$^2$",
        MINUS: r"$-$",
        ABSENT: "--",
        "\u00a0": "~",
    }
)


HEADING = 16
"""Characters of a heading's line."""


def escaped(text: str) -> str:
    r"""Write text so that LaTeX sets it as it is.

    Example:
        >>> print(escaped("t1w_only, 95 %"))
        t1w\_only, 95 \%
    """
    return text.translate(ESCAPES)


def latex_table(table: Table, name: str, notice: str | None) -> str:
    r"""Write a table for the packages booktabs and graphicx.

    It is as wide as the text of the page at most.

    Args:
        table: What the page shows.
        name: Name used by ``\ref{tab:name}``.
        notice: To be said in the caption.

    Returns:
        A ``table`` environment, to be read in with ``\input``.
    """
    sides = "".join(
        "r" if index and table.is_numeric(index) else "l"
        for index in range(len(table.columns))
    )
    caption = " ".join(filter(None, [f"{table.caption}.", table.note, notice]))
    lines = [
        "% Needs \\usepackage{booktabs} and \\usepackage{graphicx}.",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{tab:{name.replace('_', '-')}}}",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{{sides}}}",
        r"\toprule",
        _row([_heading(column) for column in table.columns], is_escaped=True),
        r"\midrule",
        *(_row(row) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _heading(text: str) -> str:
    """Break a long heading, so that the table stays narrow."""
    lines = textwrap.wrap(text, HEADING, break_long_words=False)
    if len(lines) < 2:
        return _cell(text)
    broken = r"\\".join(map(_cell, lines))
    return rf"\shortstack[r]{{{broken}}}"


def _cell(text: str) -> str:
    # A row that begins with [ would be taken for an option of the line before.
    return escaped(text).replace("[", "{[}")


def _row(cells: list[str], *, is_escaped: bool = False) -> str:
    return " & ".join(cells if is_escaped else map(_cell, cells)) + r" \\"
