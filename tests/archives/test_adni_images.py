"""ADNI: which image of a session is taken, and which is none."""

from zipfile import ZipFile

from crosswarp.archives.choice import read_series, why_no_t1
from crosswarp.archives.naming import colliding
from tests.archives.trees import (
    MPRAGE,
    Ida,
    dx,
    imported,
    labels,
    listed,
    reasons,
    write_csv,
)


def test_disk_and_tables_are_compared(ida: Ida) -> None:
    ptid = "999_S_6001"
    ida.nifti(ptid, MPRAGE, "2018-01-10", 1)
    ida.nifti(ptid, MPRAGE, "2019-01-10", 2)
    ida.nifti("999_S_6002", MPRAGE, "2018-01-10", 3)
    ida.nifti("Phantom", MPRAGE, "2018-01-10", 4)
    rows = [
        listed(ptid, MPRAGE, "2018-01-10", 1),
        listed(ptid, MPRAGE, "2018-06-10", 5),
        listed(ptid, "Axial FLAIR", "2018-06-10", 6),
        listed("999_S_6009", MPRAGE, "2018-01-10", 3),
    ]
    write_csv(ida.root / "Collection_2_03_2026.csv", rows)
    write_csv(ida.root / "DXSUM_03Feb2026.csv", [dx(ptid, "bl", "2018-02-01", 1)])
    write_csv(ida.root / "DELMRSCANS_03Feb2026.csv", [{"RID": 1, "IMAGEID": 2}])
    made = imported(ida.root)
    assert labels(made) == {"999S6001 20180110": "CN"}
    assert reasons(made, "I2.nii") == ["withdrawn by the archive"]
    assert reasons(made, "I3.nii") == [
        "a table gives the image to another participant than its folder"
    ]
    assert reasons(made, "I4.nii") == ["not in a folder of a participant"]
    assert reasons(made, "image 5") == ["listed in a table, but not on the disk"]
    assert "1 image(s) that are not T1 are in tables and not on the disk" in made.notes


def test_one_t1_of_ten_and_why(ida: Ida) -> None:
    ptid, day = "999_S_0001", "2006-01-10"
    descriptions = [
        "MPR; GradWarp; B1 Correction; N3; Scaled",
        "MPR; GradWarp; B1 Correction; N3; Scaled_2",
        "MPR-R; GradWarp; B1 Correction; N3",
        "MPRAGE Repeat",
        "MPRAGE",
        "Accelerated SAG IR-FSPGR",
        "Hippocampal Mask",
        "Spatially Normalized, Masked and N3 corrected T1 image",
        "3 Plane Localizer",
    ]
    for number, description in enumerate(descriptions, 1):
        ida.nifti(ptid, description, day, number)
    write_csv(ida.root / "DXSUM_03Feb2026.csv", [dx(ptid, "bl", day, 1)])
    made = imported(ida.root)
    row = made.rows[0]
    assert (row["image_id"], row["t1_rule"]) == ("5", "raw (of 6)")
    passed = {
        one.item[-6:-4]: one.detail.partition(";")[0]
        for one in made.exclusions
        if one.reason == "another T1 of the session is taken"
    }
    assert passed == {
        "I1": "processed by the archive",
        "I2": "processed by the archive",
        "I3": "processed by the archive",
        "I4": "a repeat",
        "I6": "accelerated",
    }
    derived = "derived from a T1, not a T1 of the whole head"
    assert (reasons(made, "I7.nii"), reasons(made, "I8.nii")) == ([derived], [derived])
    assert reasons(made, "I9.nii") == ["not a T1 by its description"]
    taken = {
        rule: imported(ida.root, t1=rule).rows[0]["image_id"]
        for rule in ("processed", "scaled")
    }
    assert taken == {"processed": "3", "scaled": "2"}
    preferred = imported(ida.root, prefer=("*accel*",))
    assert preferred.rows[0]["image_id"] == "6"


def test_uncorrected_twins_and_accelerations_are_told() -> None:
    assert read_series("Accelerated_Sagittal_MPRAGE_ND").uncorrected
    assert read_series("MPRAGESAGISOp2ND").uncorrected
    assert not read_series("MPRAGE_GRAPPA2").uncorrected
    assert read_series("MPRAGE SENSE2").accelerated
    assert read_series("MPRAGE SENSE2").t1
    assert read_series("MT1; GradWarp; N3m").processed
    assert read_series("Sag IR-FSPGR ASSET").t1
    assert why_no_t1("HighResHippocampus") == "not a T1 by its description"


def test_exclude_names_sessions_images_and_people(ida: Ida) -> None:
    for rid in (6001, 6002, 6003, 6004):
        ida.nifti(f"999_S_{rid}", MPRAGE, "2018-07-02", rid)
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv",
        [dx(f"999_S_{rid}", "bl", "2018-07-01", 1) for rid in range(6001, 6005)],
    )
    named = frozenset({"999_S_6001", "I6002", "sub-999S6003_ses-20180702", "I9"})
    made = imported(ida.root, exclude=named, exclude_from="withdrawn.txt")
    assert labels(made) == {"999S6004 20180702": "CN"}
    assert reasons(made, "I6002.nii") == ["named in the list of withdrawn.txt"]
    assert any("1 name(s) of withdrawn.txt" in note for note in made.notes)


def test_folders_that_hold_slices_of_two_images(ida: Ida) -> None:
    folder = ida.dicom("999_S_6001", MPRAGE, "2018-01-10", 1)
    other = ida.dicom("999_S_6001", MPRAGE, "2018-01-10", 2)
    for path in other.iterdir():
        path.rename(folder / path.name)
    other.rmdir()
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv", [dx("999_S_6001", "bl", "2018-01-10", 1)]
    )
    made = imported(ida.root)
    assert made.rows == []
    assert reasons(made, "I1") == ["the folder holds slices of several images"]


def test_the_same_image_of_two_zips_and_older_folder_names(ida: Ida) -> None:
    ptid = "999_S_6001"
    ida.nifti(ptid, MPRAGE, "2018-01-10", 12, folder="S6")
    Ida(ida.root / "second").nifti(ptid, MPRAGE, "2018-01-10", 12)
    write_csv(ida.root / "DXSUM_03Feb2026.csv", [dx(ptid, "bl", "2018-01-10", 1)])
    made = imported(ida.root)
    assert [row["image_id"] for row in made.rows] == ["12"]
    assert reasons(made, "second") == ["the same image id is there twice"]


def test_what_the_metadata_of_an_image_says(ida: Ida) -> None:
    ptid = "999_S_6001"
    path = ida.nifti(ptid, MPRAGE, "2018-01-10", 12)
    (path.parent.parent / f"ADNI_{ptid}_MPRAGE_S6_I12.xml").write_text(
        '<idaxs xmlns="x"><project><subject><subjectSex>M</subjectSex><visit>'
        "<visitIdentifier>ADNI Screening</visitIdentifier></visit><study>"
        "<subjectAge>71.4</subjectAge><imagingProtocol><protocolTerm>"
        '<protocol term="Field Strength">3.0</protocol>'
        '<protocol term="Manufacturer">MADE UP</protocol></protocolTerm>'
        "</imagingProtocol></study></subject></project></idaxs>"
    )
    write_csv(ida.root / "DXSUM_03Feb2026.csv", [dx(ptid, "bl", "2018-01-10", 1)])
    [row] = imported(ida.root).rows
    assert (row["field_strength_t"], row["scanner"]) == ("3.0", "MADE UP")
    assert (row["sex"], row["age_years"]) == ("M", "71.4")
    assert row["archive_visit"] == "ADNI Screening"


def test_zips_are_not_taken_for_scans(ida: Ida) -> None:
    with ZipFile(ida.root / "ADNI1.zip", "w") as whole:
        whole.writestr("ADNI/x", "content")
    half = (ida.root / "ADNI1.zip").read_bytes()[:20]
    (ida.root / "ADNI2.zip").write_bytes(half)
    write_csv(
        ida.root / "DXSUM_3Feb2026.csv", [dx("999_S_6001", "bl", "2018-01-10", 1)]
    )
    made = imported(ida.root)
    assert reasons(made, "ADNI1.zip") == [
        "a zip of a download is not looked into; unpack it here"
    ]
    assert reasons(made, "ADNI2.zip") == [
        "a zip that is not complete; download it again"
    ]
    assert reasons(made, "DXSUM") == ["a participant without a T1"]


def test_two_ids_that_become_one_are_left_out() -> None:
    assert colliding(["002_S_0295", "002_S0295", "3"]) == {
        "sub-002s0295": ["002_S_0295", "002_S0295"]
    }
