"""How the power to see a difference grows with participants."""

from crosswarp.bids.tables import read_table
from crosswarp.figures.style import BLUE, MUTED, ORANGE, WIDTH, new_figure, styled
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import count, number
from crosswarp.study.names import POWER_CURVE

COLOURS = (BLUE, ORANGE, "#5b3a8c", "#2f6f4f")
MARKS = ("o", "s", "D", "^")

COLUMNS = ["model", "participants", "power", "power_se"]


def draw(run: Run) -> Illustration:
    """Draw the simulated power of each model against the reference."""
    asked = run.power
    table = read_table(run.folder / POWER_CURVE, COLUMNS, text=["model"])
    pairs = asked.pairs
    with styled():
        figure = new_figure(WIDTH, 2.6)
        axes = figure.subplots()
        axes.axhline(asked.power, color=MUTED, linewidth=0.8, linestyle=(0, (2, 3)))
        for index, pair in enumerate(pairs):
            rows = table[table["model"] == pair.model].sort_values("participants")
            axes.errorbar(
                rows["participants"],
                rows["power"],
                rows["power_se"],
                marker=MARKS[index % len(MARKS)],
                color=COLOURS[index % len(COLOURS)],
                markersize=3.5,
                linewidth=1.2,
                elinewidth=0.7,
                label=pair.model,
            )
        axes.set(xlabel="participants", ylabel="power", ylim=(0, 1.02))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return Illustration(
        figure,
        f"Share of simulated studies that see a difference of {asked.difference} in"
        f" AUC from {pairs[0].reference} (primary test, level {asked.alpha}),"
        " by the number of participants, drawn after those of this run; bars: one"
        " standard error of the simulation. Dotted: the power asked for,"
        f" {asked.power}.",
        "Power against participants. "
        + "; ".join(_needed(pair.model, pair.participants) for pair in pairs)
        + f", for a power of {number(asked.power, 2)}.",
    )


def _needed(model: str, participants: int | None) -> str:
    if participants is None:
        return f"{model} needs more than were simulated"
    return f"{model} needs {count(participants, 'participant')}"
