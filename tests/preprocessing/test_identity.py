"""What identifies a map: no limit of quality, and the same as in earlier versions."""

import json
from pathlib import Path
from typing import Any

import pytest

from crosswarp.files import fingerprint, write_json
from crosswarp.preprocessing.identity import DIGESTED, identity_of
from crosswarp.preprocessing.kept import settings_digest
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.preprocessing.request import record_path
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.registration.settings import GreedySettings, MapSettings
from tests.made_maps import made, plan, write_scans

STRICT = QualityLimits(overlap=Limits(fine=(0.97, None), used=(0.96, None)))
BRAIN = QualityLimits(brain_volume_cm3=Limits(fine=(900, 2100), used=(800, 2300)))


def as_json(**settings: Any) -> dict[str, Any]:
    return PreprocessSettings(**settings).model_dump(mode="json")


@pytest.mark.parametrize(
    ("settings", "digest"),
    [
        ({"registration": MapSettings()}, "82f8bd66205a094c"),
        ({"resolution": 2, "registration": MapSettings()}, "e07a238039cdd3fc"),
        (
            {"resolution": 2, "registration": GreedySettings(), "fall_back": True},
            "bf2043b384fa81b6",
        ),
    ],
)
def test_settings_have_the_digest_of_the_version_before(settings, digest) -> None:
    """As bundles have recorded it; only a change of the maps may change it."""
    assert settings_digest(as_json(**settings)) == digest


def test_limits_identify_no_map() -> None:
    assert identity_of(as_json(limits=STRICT)) == identity_of(as_json())
    assert identity_of(as_json())["limits"] == DIGESTED
    assert identity_of(as_json(resolution=2)) != identity_of(as_json())
    assert identity_of({"resolution": 2}) == {"resolution": 2}


def test_limits_that_choose_the_mask_identify_a_map() -> None:
    """What is refused is replaced by the template's mask, where that is allowed."""
    chosen = as_json(fall_back=True, limits=BRAIN)
    assert identity_of(chosen) != identity_of(as_json(fall_back=True))
    other = as_json(fall_back=True, limits=STRICT)
    assert identity_of(other) == identity_of(as_json(fall_back=True))
    assert identity_of(as_json(limits=BRAIN)) == identity_of(as_json())
    assert identity_of({"fall_back": True, "limits": []}) != identity_of(other)


@pytest.mark.parametrize("limits", [QualityLimits(), STRICT])
def test_maps_of_the_version_before_are_not_made_again(
    tmp_path: Path, limits: QualityLimits
) -> None:
    """Its fingerprints digested the limits, and its folders kept no settings."""
    raw, out = write_scans(tmp_path / "raw", "sub-01"), tmp_path / "out"
    request = plan(raw, out).todo["sub-01"]
    made(raw, out)
    settings = as_json(resolution=2, limits=limits)
    old = fingerprint(request.source_digest, settings, STEPS_VERSION)
    path = record_path(request)
    record = json.loads(path.read_text())
    write_json(path, {**record, "Settings": settings, "Fingerprint": old})
    ledger = out / "ledger.tsv"
    ledger.write_text(ledger.read_text().replace(request.fingerprint, old))
    (out / "preprocessing.json").unlink()
    before = {p: p.read_bytes() for p in out.rglob("sub-*") if p.is_file()}
    for _ in range(2):
        planned = plan(raw, out)
        assert (planned.todo, planned.changes(), planned.warnings()) == ({}, [], [])
        assert made(raw, out) == []
    assert before == {p: p.read_bytes() for p in before}
    assert old in ledger.read_text()
    write_scans(raw, "sub-01", text="another scan of")
    assert list(plan(raw, out).todo) == ["sub-01"]
