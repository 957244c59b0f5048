"""The independent test of registrations: its truth, its scores, and a user's method."""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import registration as command
from benchmarks.known_truth import people, runs, templates
from benchmarks.known_truth.changes import CM3, NINE, blobs, make_change
from benchmarks.known_truth.fidelity import Found, Pair, points_of, score_pair
from benchmarks.known_truth.people import (
    Person,
    load_deformation,
    load_places,
    log_ratio,
    make_person,
    places_in_head,
)
from benchmarks.known_truth.templates import ScoredTemplate

from crosswarp.errors import InputError
from crosswarp.registration.resampling import grid_points
from crosswarp.simulation.heads import Head
from crosswarp.simulation.regions import region_ids
from crosswarp.simulation.sources import BRAIN_ONLY
from crosswarp.types.arrays import SpatialMap

STEP = 3.0
NAME = "ball"
PAIR = Pair(NAME, NAME, 3)
pytestmark = pytest.mark.slow

METHOD = '''
"""Finds nothing at all."""
import numpy as np

def still(template, scan):
    return np.eye(4), np.zeros((*template.values.shape, 3))

def wrong(template, scan):
    return np.eye(4), np.zeros((2, 2, 2, 3))
'''


def ball() -> Head:
    """A smooth ball of brain with a small one for each of the nine structures."""
    affine = np.diag([STEP, STEP, STEP, 1.0])
    affine[:3, 3] = -72
    points = grid_points((49, 49, 49), affine)
    away = np.linalg.norm(points, axis=-1)
    labels = np.where(away < 60, BRAIN_ONLY, 0).astype(np.int16)
    ids = region_ids(NINE)
    for n, label in enumerate(ids.values()):
        turn = 2 * np.pi * n / len(ids)
        middle = 38 * np.array([np.cos(turn), np.sin(turn), 0.3 * (-1) ** n])
        labels[np.linalg.norm(points - middle, axis=-1) < 6] = label
    values = (away < 60) * (1 + 0.2 * np.sin(points / 7).prod(axis=-1))
    return Head(NAME, SpatialMap(values.astype(np.float32), affine), labels)


@pytest.fixture(scope="module")
def head() -> Head:
    return ball()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fidelity")


@pytest.fixture(autouse=True)
def of_a_ball(head: Head, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans of the ball at 3 mm, in place of a real head at 1 mm."""
    for module in (people, templates):
        monkeypatch.setattr(module, "base_head", lambda *_: head)
    scanner = people.SCANNER.model_copy(update={"spacing": 4.0})
    monkeypatch.setattr(people, "SCANNER", scanner)


@pytest.fixture
def fixed(head: Head) -> ScoredTemplate:
    flat = SpatialMap(np.zeros(head.t1w.extent, np.float32), head.t1w.affine)
    brain = SpatialMap(np.where(head.brain, head.t1w.values, 0), head.t1w.affine)
    return ScoredTemplate(NAME, brain, head.brain, {}, flat)


def perfect(
    fixed: ScoredTemplate, folder: Path, person: Person, share: float = 1.0
) -> Found:
    """What a registration finds that misses a share of every change."""
    at = points_of(fixed)
    base = load_deformation(make_person(Person(NAME, person.seed), folder))
    own = load_deformation(make_person(person, folder))
    whole, true = log_ratio(at, base), log_ratio(at, own)
    return Found(whole + np.float32(share) * (true - whole), at, 0)


def test_blobs_lie_apart_in_the_brain_and_have_their_volumes(head: Head) -> None:
    places, labels = blobs(head, np.random.default_rng(4))
    assert len(places) >= 6
    sizes = [(labels == n).sum() * STEP**3 / 1000 for n in places.values()]
    assert min(sizes) > 0.8 * CM3[0]
    assert max(sizes) <= CM3[1]
    assert not (labels[~head.brain] > 0).any()
    assert [*blobs(head, np.random.default_rng(4))[1].flat] == [*labels.flat]


def test_each_structure_loses_a_fifth(head: Head, folder: Path) -> None:
    person = Person(NAME, 3, "nine")
    change = load_deformation(make_person(person, folder)).atrophy
    places = load_places(person, folder)
    points = grid_points(head.t1w.extent, head.t1w.affine)
    for name, number in places.numbers.items():
        inside = places.labels.values == number  # noqa: PD011
        here = points[inside].astype(np.float32)
        ratio = 1 / change.determinant(change.origins(here))
        assert ratio.mean() == pytest.approx(0.8, abs=0.02), name


def test_a_place_in_the_scan_is_found_again_in_the_head(folder: Path) -> None:
    deformation = load_deformation(make_person(Person(NAME, 3, "nine"), folder))
    scan = np.array([[10.0, -20, 15], [-30, 5, 8]], np.float32)
    there = places_in_head(scan, deformation)
    back = deformation.anatomy.origins(deformation.atrophy.origins(there))
    to_scan = np.linalg.inv(deformation.to_head)
    np.testing.assert_allclose(
        back @ to_scan[:3, :3].T + to_scan[:3, 3], scan, atol=0.05
    )


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_share_is_what_was_found(
    share: float, fixed: ScoredTemplate, folder: Path
) -> None:
    find = partial(perfect, fixed, folder, share=share)
    rows = pd.DataFrame(score_pair(PAIR, fixed, find, folder, ["nine"]))
    places = rows[rows["place"] != "brain"]
    assert len(places) == len(NINE)
    assert places["share"].to_numpy() == pytest.approx(share, abs=0.03)
    whole = rows[rows["place"] == "brain"].set_index("pattern")
    assert whole.loc["nine", "r"] == pytest.approx(1, abs=1e-3)
    assert whole.loc["nine", "slope"] == pytest.approx(share, abs=1e-3)
    assert whole.loc["anatomy", "noise"] == 0


def test_a_users_function_is_scored(
    fixed: ScoredTemplate,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(METHOD)
    monkeypatch.setattr(command, "scored_template", lambda *_: fixed)
    monkeypatch.setattr(command, "REPORTED", (PAIR, Pair(NAME, NAME, 4)))
    arguments = ["registration", "--folder", str(folder), "--methods", "--method"]
    arguments += [
        f"{file}:still",
        "--patterns",
        "nine",
        "--pairs",
        "1",
        "--resolution",
        "2",
    ]
    monkeypatch.setattr(sys, "argv", arguments)
    command.main()
    rows = pd.read_csv(folder / "fidelity.tsv", sep="\t")
    assert set(rows["method"]) == {"mine:still"}
    assert rows["share"].dropna().to_numpy() == pytest.approx(0)
    assert rows["same_bytes"].all()
    printed = capsys.readouterr().out
    assert "| ball, same head | `mine:still` |" in printed
    assert command.machine() in printed


def test_a_wrong_method_is_refused(
    fixed: ScoredTemplate, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(METHOD)
    with pytest.raises(InputError, match=r"expected FILE\.py:FUNCTION"):
        runs.users_method("nothing.py:f", 1)
    with pytest.raises(InputError, match="no function 'other'"):
        runs.users_method(f"{file}:other", 1)
    wrong = runs.users_method(f"{file}:wrong", 1)
    with pytest.raises(Exception, match="displacement is on a grid"):
        runs.run_of(wrong, Person(NAME, 3), fixed, folder)


def test_our_own_methods_have_a_key_of_their_settings() -> None:
    own = [runs.own_method(name) for name in ("two_stage", "map")]
    assert own[0].key != own[1].key
    assert [m.participant_resolution for m in own] == [1, 1]


def test_an_unknown_pattern_is_refused(head: Head, folder: Path) -> None:
    with pytest.raises(InputError, match="no pattern 'ten'"):
        make_change("ten", head, folder, 1)
