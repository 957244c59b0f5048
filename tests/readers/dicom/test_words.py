"""Words of descriptions: whole ones, of a list, and what they mean."""

import pytest

from crosswarp.readers.dicom.words import (
    after_contrast,
    other_contrast,
    words_in,
)


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
        ("sT1W_3D_TFE", ("t1", "tfe")),
        ("t1_mprage 3T_field_of_view_256", ("t1", "mprage")),
        ("gre_field_mapping", ("fieldmap",)),
        ("B0 map", ("fieldmap",)),
        ("PD_study_t1_mprage", ("t1", "mprage")),
        ("fMRI study mprage", ("mprage",)),
        ("PD_TSE", ("pd",)),
        ("FAST 3D SAG", ()),
        ("t1_mp2rage_sag_INV1", ("t1", "mp2rage", "inv1")),
        ("mp2rage INV-2", ("mp2rage", "inv2")),
        ("t1_mp2rage_sag_UNI_Images", ("t1", "mp2rage", "uni")),
        ("t1_mp2rage_sag_UNI-DEN", ("t1", "mp2rage", "uni", "den")),
        ("t1_mp2rage_T1_Images", ("t1", "mp2rage", "t1map")),
    ],
)
def test_only_words_of_a_list_are_kept(described: str, words: tuple[str, ...]) -> None:
    assert words_in(described) == words


@pytest.mark.parametrize(
    ("words", "against"),
    [
        (("t1", "mprage", "pd"), ()),
        (("t1", "pd"), ("pd",)),
        (("mprage", "diff"), ()),
        (("mprage", "mip"), ("mip",)),
        (("mprage", "flair"), ("flair",)),
    ],
)
def test_names_of_t1w_sequences_outweigh_short_words(
    words: tuple[str, ...], against: tuple[str, ...]
) -> None:
    assert other_contrast(words) == against


@pytest.mark.parametrize(
    ("described", "after"),
    [
        ("3D T1 TFE +Gd", True),
        ("t1_mprage_post", True),
        ("T1 +C", True),
        ("Ax T1 C+", True),
        ("t1_mprage_km", True),
        ("SAG BRAVO post-contrast", True),
        ("3D T1 TFE", False),
        ("t1_mprage_pre", False),
        ("t1 pre contrast", False),
        ("T1 w/o contrast", False),
        ("T1 without Gd", False),
        ("T1 non-contrast", False),
        ("t1_mprage_ohne KM", False),
        ("sag c t1", False),
    ],
)
def test_contrast_agents_by_description(described: str, after: bool) -> None:
    assert after_contrast(described, "") is after


def test_contrast_agents_by_header() -> None:
    assert after_contrast("t1_mprage", "Gadovist 7 ml")
    assert not after_contrast("t1_mprage", "None")
