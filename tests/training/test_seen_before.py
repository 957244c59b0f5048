"""Networks that start from pretraining: whom they saw is not tested on."""

from pathlib import Path

import pytest
import torch

from crosswarp.documents import read_json
from crosswarp.errors import InputError, LeakageError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import fingerprint
from crosswarp.models.build import build_network
from crosswarp.models.bundle import load_bundle
from crosswarp.models.choices import model_choices
from crosswarp.models.own_weights import PretrainingCard, save_weights
from crosswarp.models.reconstruction import MaskSettings, encoders_of
from crosswarp.models.settings import ModelSettings
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run
from crosswarp.training.seen_before import seen_by_others
from tests.tiny_maps import SETTINGS, SPACE

FRESH = {"like": "compact_jsm", "name": "fresh", "features": 8}
OWN = {**FRESH, "name": "own"}


def learned(tiny, name: str, participants: tuple[str, ...], seed: int = 0) -> Path:
    """Weights as `crosswarp model pretrain` leaves them."""
    folder = tiny.folder / name
    folder.mkdir()
    model = read_experiment(tiny.write(models=[OWN])).models[0]
    torch.manual_seed(seed)
    network = build_network(model, 2, (26, 30, 28))
    card = PretrainingCard(
        fingerprint=name,
        model=model,
        mask=MaskSettings(),
        space=SPACE,
        resolution=2,
        preprocessing=fingerprint(SETTINGS),
        participants=participants,
    )
    save_weights(folder, encoders_of(network, model), card)
    return folder


def write(tiny, **changes: object) -> Path:
    return tiny.write(models=[FRESH, OWN], training=tiny.training(epochs=1), **changes)


def test_one_who_was_seen_is_not_tested_unless_told(tiny) -> None:
    learned(tiny, "w", ("sub-03", "sub-x"))
    path = write(tiny, pretrained={"own": "w"})
    with pytest.raises(
        LeakageError, match=r"own would be tested on 1 participants .* seen: sub-03;"
    ):
        plan_run(read_experiment(path))
    told = write(tiny, pretrained={"own": "w"}, test_on_pretrained=True)
    plan = plan_run(read_experiment(told))
    assert plan.pretrained["own"].tested == ("sub-03",)
    assert plan.pretrained["own"].participants == ("sub-03", "sub-x")


@pytest.mark.slow
def test_what_was_seen_is_recorded_and_shown(tiny) -> None:
    learned(tiny, "w", ("sub-03", "sub-x"))
    run = tiny.folder / "run"
    told = write(tiny, pretrained={"own": "w"}, test_on_pretrained=True)
    cross_validate(read_experiment(told), run)
    assert read_experiment(run / "experiment.yaml").pretrained == {"own": run / "../w"}
    recorded = read_json(run / "pretraining.json")
    assert recorded["test_on_pretrained"] is True
    assert recorded["models"]["own"]["tested"] == ["sub-03"]
    bundles = {
        name: load_bundle(run / f"models/{name}/repeat-0_fold-0/bundle").card
        for name in ("fresh", "own")
    }
    assert bundles["own"].pretrained == recorded["models"]["own"]["weights"]
    assert bundles["fresh"].pretrained is None
    assert bundles["own"].saw("sub-x")
    assert not bundles["fresh"].saw("sub-x")
    readme = run / "models/own/repeat-0_fold-0/bundle/README.md"
    assert "encoders started from: crosswarp model pretrain" in readme.read_text()
    metrics = evaluate_run(run, resamples=100).metrics
    assert metrics.pretraining["own"].tested_on == ("sub-03",)
    assert any("own was tested on 1 participants" in flag for flag in metrics.flags)


def test_weights_that_saw_adni_test_nobody_of_adni_unless_told() -> None:
    wanted = {"like": "resnet18_t1w", "name": "of_others"}
    model = ModelSettings.model_validate(
        model_choices({**wanted, "weights": "neuro_simclr_resnet18"})
    )
    tested = {"sub-002S0295", "sub-ADNI002S0413", "sub-OAS30001"}
    with pytest.raises(
        LeakageError,
        match=r"on 2 participants that the weights neuro_simclr_resnet18 may have"
        r" seen, being of ADNI: sub-002S0295, sub-ADNI002S0413; use others, or set",
    ):
        seen_by_others(model, tested, allowed=False)
    seen = seen_by_others(model, tested, allowed=True)["of_others"]
    assert seen.tested == ("sub-002S0295", "sub-ADNI002S0413")
    assert (
        seen_by_others(model, {"sub-OAS30001"}, allowed=False)["of_others"].tested == ()
    )
    other = ModelSettings.model_validate(
        model_choices({**wanted, "weights": "medicalnet_resnet18"})
    )
    assert seen_by_others(other, tested, allowed=False) == {}


def test_training_starts_from_the_weights_and_others_make_another_cell(tiny) -> None:
    learned(tiny, "w", ("sub-x",))
    learned(tiny, "v", ("sub-x",), seed=1)
    prints = []
    for folder in ("w", "v"):
        path = write(tiny, pretrained={"own": folder})
        cells = plan_run(read_experiment(path)).cells(tiny.folder / "run")
        prints.append({cell.label: cell.fingerprint for cell in cells})
        given = {cell.model.name: cell.pretrained for cell in cells}
        assert given == {"fresh": None, "own": tiny.folder / folder}
    changed = {label for label in prints[0] if prints[0][label] != prints[1][label]}
    assert changed == {"own repeat 0 fold 0", "own repeat 0 fold 1"}


def test_weights_that_do_not_fit_are_refused_before_training(tiny) -> None:
    folder = learned(tiny, "w", ("sub-x",))
    wide = {**OWN, "features": 16}
    path = tiny.write(models=[wide], pretrained={"own": "w"})
    with pytest.raises(InputError, match=r"of another shape: jsm\.stages\.0\.weight"):
        plan_run(read_experiment(path))
    card = read_json(folder / "pretraining.json")
    assert card["preprocessing"] == fingerprint(SETTINGS)
    other = {**OWN, "standardise": "none"}
    path = tiny.write(models=[other], pretrained={"own": "w"})
    with pytest.raises(InputError, match="standardise: fixed there, none here"):
        plan_run(read_experiment(path))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pretrained": {"owm": "derivatives"}}, "pretrained names owm, which is none"),
        ({"pretrained": {"own": "nowhere"}}, r"pretrained\.own: there is no folder"),
        (
            {
                "pretrained": {"own": "derivatives"},
                "models": [
                    {
                        "like": "resnet10_jsm",
                        "name": "own",
                        "weights": "medicalnet_resnet10",
                    }
                ],
            },
            "own has both weights and pretrained",
        ),
    ],
)
def test_contradictions_in_the_experiment_are_refused(tiny, changes, said) -> None:
    choices = {"models": [FRESH, OWN], **changes}
    with pytest.raises(InputError, match=said):
        read_experiment(tiny.write(**choices))
