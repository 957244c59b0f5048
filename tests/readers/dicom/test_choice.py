"""choose_t1w: the rules one by one, and what is said of what was passed over."""

from dataclasses import replace
from pathlib import Path

import pytest

from crosswarp.errors import ScanError
from crosswarp.readers.dicom.choice import choose_t1w
from crosswarp.readers.dicom.series import Series

T1W = Series(4, "MR", (Path("a"),), 60, ("t1", "mprage"), 3.0, True, False, places=())


NOT_T1W = {
    "modality": {"modality": "CT"},
    "few": {"images": 39},
    "localizer": {"localizer": True},
    "flair": {"words": ("t1", "flair")},
    "echo": {"echo_ms": 21.0},
}


@pytest.mark.parametrize("name", NOT_T1W)
def test_what_is_no_t1w_is_never_taken(name: str) -> None:
    other = replace(T1W, number=7, **NOT_T1W[name])
    assert choose_t1w([other, T1W]).series is T1W
    with pytest.raises(ScanError, match="no T1w volume among series 7"):
        choose_t1w([other])
    assert choose_t1w([other, T1W], 7).series is other


def test_a_lone_volume_need_not_be_named() -> None:
    nameless = replace(T1W, words=(), echo_ms=None)
    assert choose_t1w([nameless]).series is nameless


def test_originals_come_before_what_was_computed() -> None:
    computed = replace(T1W, number=5, original=False)
    assert choose_t1w([computed, T1W]).series is T1W
    assert choose_t1w([computed]).series is computed


def test_the_named_one_is_taken() -> None:
    nameless = replace(T1W, number=5, words=())
    assert choose_t1w([nameless, T1W]).series is T1W


def test_two_are_not_guessed_between() -> None:
    with pytest.raises(ScanError, match=r"more than one T1w volume: series 4 .*, se"):
        choose_t1w([T1W, replace(T1W, number=5)])


def test_long_lists_are_cut() -> None:
    many = [replace(T1W, number=n, modality="CT") for n in range(30)]
    with pytest.raises(ScanError, match=r"not MR and 18 more; to take one"):
        choose_t1w(many)


UNI = replace(T1W, number=7, original=False, words=("t1", "mp2rage", "uni"))
INVERSION = replace(T1W, number=5, words=("t1", "mp2rage", "inv1"))
UNNAMED_INVERSION = replace(T1W, number=6, words=("t1", "mp2rage"))


def test_the_uni_image_of_an_mp2rage_is_taken_and_the_others_are_listed() -> None:
    chosen = choose_t1w([INVERSION, UNNAMED_INVERSION, UNI])
    assert chosen.series is UNI
    took, *passed = chosen.notes
    assert took == "took series 7 (MR, 60 images, derived, TE 3 ms, t1 mp2rage uni)"
    assert len(passed) == 2
    assert all("an inversion image of an MP2RAGE" in note for note in passed)
    by_kind = replace(UNI, words=("t1", "mp2rage"), kinds=("DERIVED", "PRIMARY", "UNI"))
    assert choose_t1w([UNNAMED_INVERSION, by_kind]).series is by_kind


def test_the_denoised_uni_image_is_preferred() -> None:
    denoised = replace(UNI, number=9, words=(*UNI.words, "den"))
    chosen = choose_t1w([UNI, denoised])
    assert chosen.series is denoised
    assert chosen.notes[1].endswith("not the denoised UNI image")


def test_an_mprage_is_taken_before_an_mp2rage() -> None:
    chosen = choose_t1w([INVERSION, UNI, T1W])
    assert chosen.series is T1W
    assert chosen.notes[2].endswith("computed from other images")
    # What has no name is no reason to pass over the UNI image.
    assert choose_t1w([UNI, replace(T1W, words=())]).series is UNI


def test_an_inversion_image_alone_is_refused_unless_asked_for() -> None:
    with pytest.raises(ScanError, match="its UNI image is the T1w one; to take one an"):
        choose_t1w([INVERSION])
    assert choose_t1w([INVERSION], 5).series is INVERSION


def test_after_a_contrast_agent_is_never_taken_silently() -> None:
    after = replace(T1W, number=8, contrast_agent=True)
    assert choose_t1w([after, T1W]).series is T1W
    with pytest.raises(ScanError, match=r"after a contrast agent\): taken after a con"):
        choose_t1w([after])
    assert choose_t1w([after, T1W], 8).series is after


def test_a_number_of_two_visits_is_chosen_by_uid() -> None:
    visits = [
        replace(T1W, uid="1.2.1", visit="20200101"),
        replace(T1W, uid="1.2.2", visit="20210101"),
    ]
    for wanted in (4, None):
        with pytest.raises(ScanError) as caught:
            choose_t1w(visits, wanted)
        said = str(caught.value)
        assert (
            "visit 1, series 4 (MR, 60 images, TE 3 ms, t1 mprage), UID 1.2.1" in said
        )
        assert "visit 2, series 4" in said
        assert "UID 1.2.2" in said
        assert "`dicom_series=UID`" in said
        # The day is the person's.
        assert "2020" not in said
    assert choose_t1w(visits, "1.2.2").series is visits[1]
    with pytest.raises(ScanError, match=r"0 series have the UID 1\.2\.3"):
        choose_t1w(visits, "1.2.3")
