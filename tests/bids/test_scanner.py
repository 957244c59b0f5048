"""The scanner's field, from the file beside the image."""

from pathlib import Path

import pytest

from crosswarp.bids.scanner import field_of_sidecar, nominal_field


@pytest.mark.parametrize(
    ("sidecar", "field"),
    [
        ('{"MagneticFieldStrength": 3}', 3.0),
        ('{"MagneticFieldStrength": 1.494}', 1.5),
        ('{"MagneticFieldStrength": "3"}', None),
        ('{"MagneticFieldStrength": -3}', None),
        ('{"MagneticFieldStrength": NaN}', None),
        ('{"Modality": "MR"}', None),
        ("[3]", None),
        ("{", None),
        (None, None),
    ],
)
def test_sidecar_says_or_nothing_is_known(
    tmp_path: Path, sidecar: str | None, field: float | None
) -> None:
    if sidecar is not None:
        (tmp_path / "sub-01_T1w.json").write_text(sidecar)
    for name in ("sub-01_T1w.nii.gz", "sub-01_T1w.nii"):
        assert field_of_sidecar(tmp_path / name) == field


def test_what_is_near_no_nominal_field_stays() -> None:
    assert nominal_field(0.55) == 0.55
    assert nominal_field(1.7) == 1.7
