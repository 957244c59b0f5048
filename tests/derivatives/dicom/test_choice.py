"""choose_t1w and check_slices: the rules one by one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crosswarp.derivatives.dicom.choice import check_slices, choose_t1w
from crosswarp.derivatives.dicom.series import Series, _words
from crosswarp.errors import ScanError

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
T1W = Series(4, "MR", (Path("a"),), 60, ("t1", "mprage"), 3.0, True, False, places=())


def placed(*heights: float) -> Series:
    places = tuple(
        (*AXIAL, 0.0, 0.0, float(z), 1.0, 1.0, 256.0, 256.0) for z in heights
    )
    return replace(T1W, images=len(heights), places=places)


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
    assert choose_t1w([other, T1W]) is T1W
    with pytest.raises(ScanError, match="no T1w volume among series 7"):
        choose_t1w([other])
    assert choose_t1w([other, T1W], 7) is other


def test_a_lone_volume_need_not_be_named() -> None:
    nameless = replace(T1W, words=(), echo_ms=None)
    assert choose_t1w([nameless]) is nameless


def test_originals_come_before_what_was_computed() -> None:
    computed = replace(T1W, number=5, original=False)
    assert choose_t1w([computed, T1W]) is T1W
    assert choose_t1w([computed]) is computed


def test_the_named_one_is_taken() -> None:
    nameless = replace(T1W, number=5, words=())
    assert choose_t1w([nameless, T1W]) is T1W


def test_two_are_not_guessed_between() -> None:
    with pytest.raises(ScanError, match=r"more than one T1w volume: series 4 .*, se"):
        choose_t1w([T1W, replace(T1W, number=5)])


def test_long_lists_are_cut() -> None:
    many = [replace(T1W, number=n, modality="CT") for n in range(30)]
    with pytest.raises(ScanError, match=r"and 18 more$"):
        choose_t1w(many)


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ("t1_mprage_sag_p2_iso", ("t1", "mprage")),
        ("Accelerated Sag IR-FSPGR", ("fspgr",)),
        ("3DT1 TFE", ("t1", "tfe")),
        ("T1w_MPR1", ("t1",)),
        ("AX T2 FLAIR", ("t2", "flair")),
        ("MP-RAGE REPEAT", ("mp-rage",)),
        ("Smith John 1931", ()),
    ],
)
def test_only_words_of_a_list_are_kept(described: str, words: tuple[str, ...]) -> None:
    assert _words(described) == words


def test_even_steps_pass_in_any_order() -> None:
    check_slices(placed(*np.random.default_rng(0).permutation(np.arange(0, 60, 1.2))))
    check_slices(T1W)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (placed(0, 1, 2, 5, 6, 7), r"slices 3 and 4 are 3 mm apart \(2 missing"),
        (placed(0, 1, 2, 2, 3, 4, 5), "some twice or shifted"),
        (placed(1, 1, 1, 1), "4 images at the same places"),
        (placed(1), "1 images at the same places"),
        (placed(0, 1, np.nan), "do not say where they lie"),
    ],
)
def test_uneven_steps_are_refused(series: Series, reason: str) -> None:
    with pytest.raises(ScanError, match=reason):
        check_slices(series)


def test_mixed_directions_are_refused() -> None:
    mixed = placed(0, 1, 2)
    turned = (0.0, 1.0, 0.0, 0.0, 0.0, 1.0, *mixed.places[1][6:])
    with pytest.raises(ScanError, match="different directions"):
        check_slices(replace(mixed, places=(*mixed.places, turned)))
