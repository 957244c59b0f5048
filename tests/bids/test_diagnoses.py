"""Spellings that data sets use, and words that are no diagnosis."""

import pytest

from crosswarp.bids.diagnoses import (
    Diagnosis,
    class_of_label,
    likely_slip,
    parse_class,
    parse_label,
)
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


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("late MCI", "MCI"),
        ("Alzheimer's disease", "AD"),
        (" sMCI ", "sMCI"),
        ("pMCI", "pMCI"),
        ("SMC", "SMC"),
        ("FTD-bv_2", "FTD-bv_2"),
    ],
)
def test_any_label_is_kept_and_known_spellings_get_their_name(
    text: str, label: str
) -> None:
    assert parse_label(text) == label


@pytest.mark.parametrize("text", ["", "n/a", "1", "-4", "Lewy body", "MCI+AD", "a\tb"])
def test_codes_and_phrases_are_no_labels(text: str) -> None:
    with pytest.raises(InputError, match=r"not a label.*`mapping="):
        parse_label(text)


@pytest.mark.parametrize(
    ("label", "known"),
    [("Alzheimr", "AD"), ("Controlz", "CN"), ("SMC", None), ("pMCI", None)],
)
def test_only_a_long_label_is_a_slip_of_a_known_one(
    label: str, known: str | None
) -> None:
    assert likely_slip(label) == known
    assert likely_slip("AD") is None


def test_a_class_merges_labels() -> None:
    assert parse_class("MCI + Dementia") == "MCI+AD"
    assert class_of_label(["sMCI", "pMCI+AD"])["AD"] == "pMCI+AD"
    with pytest.raises(InputError, match="names AD twice"):
        parse_class("AD+Dementia")
    with pytest.raises(InputError, match=r"MCI is in two classes: MCI and MCI\+AD"):
        class_of_label(["MCI", "MCI+AD"])
