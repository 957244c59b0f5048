"""Spellings that data sets use, and words that are no diagnosis."""

import pytest

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError


@pytest.mark.parametrize(
    ("text", "diagnosis"),
    [
        ("CN", Diagnosis.CN),
        ("cn ", Diagnosis.CN),
        ("Healthy Control", Diagnosis.CN),
        ("cognitively-normal", Diagnosis.CN),
        ("LMCI", Diagnosis.MCI),
        ("mild cognitive impairment", Diagnosis.MCI),
        ("Dementia", Diagnosis.AD),
        ("Alzheimer's disease", Diagnosis.AD),
    ],
)
def test_usual_spellings(text: str, diagnosis: Diagnosis) -> None:
    assert Diagnosis.parse(text) is diagnosis


@pytest.mark.parametrize("diagnosis", list(Diagnosis))
def test_our_own_names_are_read_back(diagnosis: Diagnosis) -> None:
    assert Diagnosis.parse(str(diagnosis)) is diagnosis


@pytest.mark.parametrize("text", ["", "n/a", "1", "FTD", "sMCI2"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected CN, MCI or AD"):
        Diagnosis.parse(text)


def test_a_slip_gets_a_hint() -> None:
    with pytest.raises(InputError, match=r"'Controlz'.*did you mean CN"):
        Diagnosis.parse("Controlz")
