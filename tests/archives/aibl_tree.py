"""A small tree of AIBL as it lies on disks, with people who do not exist."""

from pathlib import Path

from tests.archives.trees import Ida, listed, write_csv

NAME = "MPRAGE_ADNI_confirmed"


def aibl(root: Path) -> Ida:
    """Write RIDs 4 and 1607; days equal, off by one, missing; codes -4, 0."""
    ida = Ida(root, "AIBL")
    ida.dicom("4", NAME, "2010-05-03", 401)
    ida.dicom("4", f"{NAME}_REPEATX2", "2010-05-03", 402)
    ida.dicom("4", "MPRAGESAGISOp2ND", "2011-11-04", 403)
    ida.dicom("1607", "MPRAGE_SAG_ISO_p2", "2012-03-01", 404)
    ida.dicom("1607", NAME, "2013-09-01", 405)
    ida.dicom("0151083", NAME, "2010-05-03", 406)
    write_csv(
        root / "AIBL_collection_1_20_2026.csv",
        [
            listed("4", NAME, "2010-05-03", 401, Group="Patient", Visit="Base"),
            listed("1607", NAME, "2012-03-01", 404, Group="Patient", Visit="1"),
        ],
    )
    extract = root / "aibl_01-Jun-2018/Data_extract_3.3.0"

    def table(name: str, *rows: dict[str, object]) -> None:
        write_csv(extract / f"aibl_{name}_01-Jun-2018.csv", rows)

    def row(rid: int, code: str, **more: object) -> dict[str, object]:
        return {"RID": rid, "SITEID": 2, "VISCODE": code} | more

    table(
        "pdxconv",
        row(4, "bl", DXCURREN=1),
        row(4, "m18", DXCURREN=3),
        row(1607, "bl", DXCURREN=2),
        row(1607, "m18", DXCURREN=0),
        row(1607, "m36", DXCURREN=-4),
    )
    table(
        "ptdemog",
        row(4, "bl", PTGENDER=1, PTDOB="/1932"),
        row(1607, "bl", PTGENDER=2, PTDOB="/1940"),
    )
    table("mri3meta", row(4, "bl", EXAMDATE="05/03/2010", MMSMPRAGE=1))
    table(
        "mrimeta",
        row(4, "m18", EXAMDATE="11/05/2011", MMSMPRAGE=1),
        row(1607, "bl", EXAMDATE="-4", MMSMPRAGE=-4),
    )
    table(
        "mmse",
        row(4, "bl", EXAMDATE="05/20/2010", MMSCORE=29),
        row(1607, "bl", EXAMDATE="02/20/2012", MMSCORE=-4),
        row(1607, "m18", EXAMDATE="09/02/2013", MMSCORE=25),
    )
    return ida
