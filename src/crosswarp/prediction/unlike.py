"""No number for a scan that is too unlike the training scans, unless asked for."""

from pathlib import Path
from typing import Final

from crosswarp.errors import ScanError
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.answers import AnswerKey, keep_refusal, write_answers
from crosswarp.study.findings import Level

UNLIKE: Final = "too unlike"
"""Verdict on a scan for which no number is given."""


def refuse_unlike(out: Path, key: AnswerKey, answer: ScanPrediction, name: str) -> None:
    """Withhold the number of a scan that is too unlike, and write down why.

    Args:
        out: Folder of the outputs.
        key: What the answer is about.
        answer: Answer with its doubts.
        name: Name of the scan's file.

    Raises:
        ScanError: If the number is withheld.
    """
    doubts = answer.doubts
    if doubts is None or doubts.level is not Level.REFUSAL or doubts.overridden:
        return
    why = " ".join(d.sentence for d in doubts.raised if d.level is Level.REFUSAL)
    keep_refusal(out, key, UNLIKE, why)
    write_answers(out)
    msg = (
        f"{name} is too unlike the training scans for a number: {why} Look at its maps;"
        " `even_if_unlike=True` gives the number all the same"
    )
    raise ScanError(msg)
