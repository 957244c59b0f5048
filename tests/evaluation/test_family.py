"""Which comparison is primary, and what is corrected with it."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.errors import InputError
from crosswarp.evaluation.family import (
    NOT_DECLARED,
    Family,
    corrected,
    family_of,
)
from crosswarp.statistics.comparison import holm
from crosswarp.study.experiment import DeclaredPrimary, RunExperiment

MODELS = ("b", "a", "c", "covariates")
DECLARED = RunExperiment.model_validate(
    {
        "primary": {"model": "a", "reference": "c", "metric": "roc_auc"},
        "models": ["a", "b", "c"],
    }
)
NOTHING = RunExperiment()


def declared(**changes: object) -> RunExperiment:
    return DECLARED.model_copy(update=changes)


def test_declared_comparison_and_its_default_family() -> None:
    found = family_of(MODELS, None, DECLARED)
    assert found == Family("c", "a", ("b", "a", "covariates"), None)
    assert found.described("t").declared
    # Asking for the declared reference changes nothing.
    assert family_of(MODELS, "c", DECLARED) == found


def test_declared_family_has_the_primary_model_too() -> None:
    found = family_of(MODELS, None, declared(family=("covariates",)))
    assert found.members == ("a", "covariates")
    roles = [found.role_of(model) for model in ("a", "covariates", "b")]
    assert roles == ["primary", "family", "outside the family"]
    assert family_of(MODELS, None, declared(family=())).members == ("a",)


def test_another_reference_was_not_declared() -> None:
    found = family_of(MODELS, "b", DECLARED)
    assert (found.reference, found.model) == ("b", "a")
    assert found.members == ("a", "c", "covariates")
    assert found.note == (
        "the reference b was chosen when evaluating; the experiment declares a"
        " against c"
    )
    assert not found.described("t").declared
    # The primary model itself as the reference: the next one stands for it.
    assert family_of(MODELS, "a", DECLARED).model == "b"
    asked = family_of(MODELS, "a", NOTHING)
    assert asked.note == "the reference a was chosen when evaluating"


def test_without_a_declaration_the_first_network_is_the_reference() -> None:
    by_file = family_of(MODELS, None, declared(primary=None))
    assert by_file == Family("a", "b", ("b", "c", "covariates"), NOT_DECLARED)
    # Without an experiment, the first of the predictions, the others by name.
    assert family_of(MODELS, None, NOTHING).reference == "b"
    assert family_of(MODELS, None, NOTHING).model == "a"
    assert family_of(["b"], None, NOTHING) == Family("b", None, (), NOT_DECLARED)


@pytest.mark.parametrize(
    ("reference", "chosen", "fault"),
    [
        ("aa", NOTHING, r"no model 'aa' to compare with; .* did you mean a\?"),
        (
            None,
            declared(primary=DeclaredPrimary(model="a", reference="zz")),
            r"no model 'zz' for primary.reference of experiment.yaml; .* have b, a, c",
        ),
        (
            None,
            declared(family=("cc",)),
            r"no model 'cc' for family of .* did you mean c\?",
        ),
    ],
)
def test_model_that_was_not_evaluated_is_refused(reference, chosen, fault) -> None:
    with pytest.raises(InputError, match=fault):
        family_of(MODELS, reference, chosen)


def test_families_of_all_tasks_are_corrected_together() -> None:
    columns = {"role": [None, "primary", "family", "outside the family"]}
    first = pd.DataFrame(columns | {"p": [None, 0.01, 0.04, 0.001], "p_holm": None})
    second = pd.DataFrame(columns | {"p": [None, 0.02, None, 0.5], "p_holm": None})
    one, two = corrected([first, second])
    expected = holm([0.01, 0.04, 0.02])
    assert one["p_holm"].tolist()[1:3] == pytest.approx(expected[:2])
    assert two["p_holm"][1] == pytest.approx(expected[2])
    assert np.isnan([one["p_holm"][3], two["p_holm"][2], two["p_holm"][3]]).all()
    (alone,) = corrected([first])
    assert alone["p_holm"].tolist()[1:3] == pytest.approx(holm([0.01, 0.04]))


def test_volumes_that_stand_in_every_table_are_in_no_family() -> None:
    models = (*MODELS, "hippocampal_volume", "hippocampal_ventricular_volume")
    assert family_of(models, None, DECLARED) == family_of(MODELS, None, DECLARED)
    for reference in (None, "a"):
        with_them = family_of(models, reference, NOTHING)
        assert with_them.members == family_of(MODELS, reference, NOTHING).members
    against = family_of(models, "hippocampal_volume", NOTHING)
    assert against.members == ("a", "b", "c", "covariates")
    asked = declared(primary=DeclaredPrimary(model="a", reference="hippocampal_volume"))
    assert family_of(models, None, asked).members == ("b", "a", "c", "covariates")
    listed = declared(family=("hippocampal_volume",))
    assert family_of(models, None, listed).members == ("a", "hippocampal_volume")
