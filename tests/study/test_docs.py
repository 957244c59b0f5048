"""Every example of docs/how-to/study.md is a part of a study file that can be read."""

import os
import re
from pathlib import Path

import pytest
import yaml

from crosswarp.study.settings import Study, read_study

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "study.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
LEAST = {"name": "a", "data": {"bids": "BIDS"}, "models": ["compact_jsm"]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that the examples name, and a machine where jobs are submitted."""
    for name in ("BIDS", "ADNI", "AIBL", "maps", "bin", "other/maps"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "other" / "cohort.tsv").touch()
    for name in ("mine.tsv", "my_folds.tsv", "template.nii", "template_brain.nii"):
        (tmp_path / name).touch()
    (tmp_path / "withdrawn.txt").touch()
    (tmp_path / "bin" / "sbatch").touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_read(example: str, folder: Path) -> None:
    file = folder / "study.yaml"
    content = yaml.safe_load(example)
    file.write_text(yaml.safe_dump({**LEAST, **content}))
    found = read_study(file)
    assert set(content) <= found.model_fields_set


def test_every_key_is_described() -> None:
    shown = {key for example in EXAMPLES for key in yaml.safe_load(example)}
    rare = {"pretrained", "test_on_pretrained", "family", "classes"}
    assert set(Study.model_fields) - shown == rare
