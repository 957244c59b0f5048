"""training_cohort: a bundle says whom it was trained on, and names nobody in it."""

import json
import re
from pathlib import Path

from crosswarp.documents import read_json
from tests.prediction.made_cohort import train


def test_a_bundle_keeps_its_training_cohort_without_names(tmp_path: Path) -> None:
    model = train(tmp_path, folds=1)
    card = read_json(model / "repeat-0_fold-0" / "bundle" / "bundle.json")
    kept = card["training_cohort"]
    assert kept["summary"]["participants"] == 8
    assert kept["summary"]["diagnoses"] == {"AD": 4, "CN": 4}
    assert kept["summary"]["sites"] == {"a": 8}
    assert kept["summary"]["quality"]["brain_volume_cm3"]["known"] == 8
    assert len(kept["maps"]) == 8
    assert kept["embedding"]["held_out"]
    assert len(kept["embedding"]["quantiles"]) == 21
    assert "sub-" not in json.dumps(kept)
    page = (model / "repeat-0_fold-0" / "bundle" / "README.md").read_text()
    assert re.search(r"- training cohort: 4 AD, 4 CN; age \d\d\.\d years", page)
