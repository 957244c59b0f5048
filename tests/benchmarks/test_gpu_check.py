"""scripts/gpu-check: says what was skipped, what differs, and stops for nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from benchmarks.gpu_check import agreement, costs
from benchmarks.gpu_check.__main__ import main
from benchmarks.gpu_check.floats import whole_floats
from benchmarks.gpu_check.rows import NO_CUDA, NO_GPU, Row, Table, counted, judged

from crosswarp.models.fusion.table import FUSIONS

ROOT = Path(__file__).parents[2]
NEEDED = {"torch", "numpy", "scipy", "pydantic", "jaxtyping", "einops"}
OURS = ("nibabel", "pandas", "psutil", "yaml", "typer", "rich", "lightning", "sklearn")


@pytest.fixture
def table() -> Table:
    return Table(60, lambda _: None)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_the_cpus_side_runs_and_rows_say_so(tmp_path: Path) -> None:
    out = tmp_path / "rows.json"
    parts = ["attribution", "step", "largest batch", "registration, seconds"]
    assert main(["--json", str(out), "--only", *parts]) == 0
    found = json.loads(out.read_text())
    assert "no GPU" in found["machine"]
    assert [row["part"] for row in found["rows"]] == [
        "attribution",
        *["step"] * 6,
        *["largest batch"] * 2,
        *["registration, seconds"] * 3,
    ]
    assert {row["verdict"] for row in found["rows"]} == {"skipped"}
    assert [row["found"] for row in found["rows"]] == [NO_GPU, *[NO_CUDA] * 11]


@pytest.mark.slow
def test_a_rehearsal_compares_the_cpu_with_itself_and_needs_what_it_says() -> None:
    """In a process of its own, in which our other packages cannot be imported."""
    blocked = f"import sys\nfor n in {OURS}: sys.modules[n] = None\n"
    run = (
        "from benchmarks.gpu_check.__main__ import main\n"
        "raise SystemExit(main(['--rehearse', '--only', 'fusion', 'attribution',"
        " 'registration']))"
    )
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    ended = subprocess.run(
        [sys.executable, "-c", blocked + run],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = [line for line in ended.stdout.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(FUSIONS) + 4
    assert all(row.endswith("| agrees |") for row in rows)


def test_the_script_names_what_it_needs() -> None:
    text = (ROOT / "scripts" / "gpu-check").read_text()
    assert set(text.split('needed = "')[1].split('"')[0].split()) == NEEDED


def test_another_network_is_told_from_the_same(monkeypatch, table: Table) -> None:
    """A device that adds a little to each answer does not agree."""
    device = torch.device("cpu")
    real = agreement._relative
    monkeypatch.setattr(
        agreement, "_relative", lambda a, b: real(a, b + 0.01 * a.abs().max())
    )
    table.look("fusion", "none", lambda: agreement._fusion("none", device))
    assert table.rows[0].verdict == "differs"
    assert not table.sound()


def test_a_row_that_goes_wrong_says_why_and_the_next_is_looked_at(
    table: Table,
) -> None:
    def gone() -> None:
        msg = "CUDA error: device lost | and so on\nmore"
        raise RuntimeError(msg)

    def lacking() -> None:
        msg = "MONAI is missing"
        raise ImportError(msg)

    table.look("a", "1", gone)
    table.look("a", "2", lacking)
    table.look("a", "3", lambda: judged(0.5, 1, " mm"))
    assert table.rows == [
        Row("a", "1", "RuntimeError: CUDA error: device lost / and so on", "failed"),
        Row("a", "2", "MONAI is missing", "skipped"),
        Row("a", "3", "0.5 mm apart; at most 1 mm", "agrees"),
    ]
    assert not table.sound()
    assert counted(table.rows) == "1 failed, 1 skipped, 1 agrees"


def test_nothing_is_begun_after_the_limit() -> None:
    printed = []
    table = Table(-1, printed.append)
    table.heading()
    table.look("a", "1", lambda: pytest.fail("it was begun"))
    assert table.rows[0].found == "not begun: -1 s are over"
    assert printed[-1] == "| a | 1 | not begun: -1 s are over | skipped |\n"


@pytest.mark.parametrize("most", [0, 1, 2, 7, 16, 100])
def test_the_largest_batch_is_found(most: int) -> None:
    tried = []

    def fits(scans: int) -> bool:
        tried.append(scans)
        return scans <= most

    assert costs.largest(fits, most=64) == min(most, 64)
    assert max(tried) <= 64
    assert len(tried) <= 14


def test_a_step_changes_the_weights_in_any_form() -> None:
    step = costs.Step(
        "compact_jsm", 1, torch.device("cpu"), mixed=True, channels_last=True
    )
    before = [p.clone() for p in step._network.parameters()]
    step()
    after = step._network.parameters()
    assert any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_only_what_is_compared_is_without_tf32(monkeypatch) -> None:
    """Steps are timed with the defaults of torch, with which users train."""
    seen = {}

    def allowed() -> tuple[bool, bool]:
        backends = torch.backends
        return backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32

    monkeypatch.setattr(
        agreement, "compare", lambda *_: seen.update(compared=allowed())
    )
    monkeypatch.setattr(costs, "measure", lambda *_: seen.update(timed=allowed()))
    before = allowed()
    assert main([]) == 0
    assert seen == {"compared": (False, False), "timed": before}
    with pytest.raises(KeyError), whole_floats():
        raise KeyError
    assert allowed() == before == (False, True)
    assert costs._FORMS["32-bit, no TF32"] == {"whole": True}


def test_training_is_learned_and_not_perfectly() -> None:
    assert agreement.auc(torch.tensor([1.0, 2, 2, 3]), torch.tensor([0, 0, 1, 1])) == (
        pytest.approx(0.875)
    )
    found, verdict = agreement._training(None)
    assert verdict == "skipped"
    assert 0.75 < float(found.split()[1].rstrip(";")) < 0.99
