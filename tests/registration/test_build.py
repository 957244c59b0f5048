"""Names and settings become a back end, in one place."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from crosswarp.errors import InputError, MissingPackageError
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration import table
from crosswarp.registration.build import (
    REGISTRATIONS,
    build_backend,
    registration_named,
)
from crosswarp.registration.greedy import Greedy
from crosswarp.registration.settings import AntsSettings, GreedySettings
from crosswarp.registration.table import BACK_ENDS


@pytest.mark.parametrize("name", sorted(REGISTRATIONS))
def test_a_name_gives_its_settings(name: str) -> None:
    assert registration_named(name).backend == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gredy", "did you mean greedy? "),
        ("ANTS", "did you mean ants? "),
        ("flirt", ""),
    ],
)
def test_a_wrong_name_names_the_nearest(name: str, hint: str) -> None:
    expected = (
        rf"^no registration '{name}'; {hint}known: two_stage, map, greedy, ants, torch$"
    )
    with pytest.raises(InputError, match=expected.replace("?", r"\?")):
        registration_named(name)


def test_settings_decide_the_back_end() -> None:
    settings = GreedySettings(metric_radius=3)
    assert build_backend(settings) == Greedy(settings)


def test_what_is_lacking_is_said_before_a_cohort_with_one_command(monkeypatch) -> None:
    """Greedy comes with ITK, 300 MB: an extra of its own."""
    BACK_ENDS["greedy"].require()
    monkeypatch.setattr(table, "find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match=r"'crosswarp\[greedy\]'$"):
        BACK_ENDS["greedy"].require()
    with pytest.raises(MissingPackageError, match=r"ants .*\[preprocess\]'$"):
        BACK_ENDS["ants"].require()


def test_stored_settings_are_those_of_their_back_end() -> None:
    stored = PreprocessSettings(registration=AntsSettings(seed=7)).model_dump(
        mode="json"
    )
    again = PreprocessSettings.model_validate(stored)
    assert again.registration == AntsSettings(seed=7)


def test_a_choice_of_another_back_end_is_refused() -> None:
    chosen = {"registration": {"backend": "ants", "metric_radius": 2}}
    with pytest.raises(ValidationError, match="metric_radius"):
        PreprocessSettings.model_validate(chosen)


def test_no_library_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys; from crosswarp.registration.build import *;"
        "build_backend(registration_named('greedy'));"
        "build_backend(registration_named('ants'));"
        "print([n for n in ('ants', 'torch', 'picsl_greedy') if n in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"
