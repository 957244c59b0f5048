"""Tables as LaTeX, to be put into a paper."""

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
        name: For ``\ref{tab:name}``.
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
        _row(table.columns),
        r"\midrule",
        *(_row(row) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    # A row that begins with [ would be taken for an option of the line before.
    return " & ".join(escaped(cell).replace("[", "{[}") for cell in cells) + r" \\"
