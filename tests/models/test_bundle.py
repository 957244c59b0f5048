"""Bundles: what is written is what is read; anything else is refused."""

import hashlib
import json
import pickle
from importlib.metadata import version
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from crosswarp.documents import read_json
from crosswarp.errors import InputError, ShapeError
from crosswarp.files import write_json
from crosswarp.models import bundle
from crosswarp.models.build import build_network
from crosswarp.models.bundle import (
    BundleCard,
    Calibration,
    card_text,
    load_bundle,
    save_bundle,
)
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.costs import count_parameters
from crosswarp.preprocessing.kept import KeptSettings
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.settings import GreedySettings, OwnTemplate
from crosswarp.study.keyed_ids import KeyedIds

CARD = BundleCard(
    model=CATALOGUE["compact_cross_attention"],
    classes=("CN", "MCI", "AD"),
    space="MNI152NLin2009cSym",
    resolution=2,
    grid_extent=(30, 40, 50),
    box=((1, 26), (0, 26), (3, 40)),
    trained_on=KeyedIds.of(["sub-01", "sub-02"], "a salt of tests"),
    origin="virtual",
)
WEIGHTS = "weights.safetensors"


@pytest.fixture
def network() -> torch.nn.Module:
    network = build_network(CARD.model, 3, CARD.extent)
    network.fit(*torch.randn(2, 5, 1, 1, *CARD.extent))
    return network.eval()


@pytest.fixture
def folder(tmp_path: Path, network: torch.nn.Module) -> Path:
    save_bundle(tmp_path / "bundle", network, CARD)
    return tmp_path / "bundle"


def change(folder: Path, **tensors: torch.Tensor | None) -> None:
    found = load_file(folder / WEIGHTS)
    for key, value in tensors.items():
        name = key.replace("__", ".")
        found.pop(name, None)
        if value is not None:
            found[name] = value
    save_file(found, folder / WEIGHTS)


def test_the_same_logits_after_reading(folder: Path, network) -> None:
    bundle = load_bundle(folder)
    counted = {"parameters": count_parameters(network), "tokens": 36}
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    written = CARD.model_copy(update={**counted, "weights_digest": digest})
    assert bundle.card == written
    assert CARD.extent == (25, 26, 37)
    t1w, jsm = torch.randn(2, 2, 1, *CARD.extent)
    torch.testing.assert_close(
        bundle.network(t1w, jsm), network(t1w, jsm), rtol=0, atol=0
    )


def test_the_card_for_people_says_what_it_is(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    assert "Trained on virtual participants" in text
    assert "2 participants" in text
    assert "25x26x37 voxels of MNI152NLin2009cSym at 2 mm" in text


def test_real_participants_need_no_notice(tmp_path: Path, network) -> None:
    save_bundle(tmp_path / "b", network, CARD.model_copy(update={"origin": "real"}))
    assert "virtual" not in (tmp_path / "b" / "README.md").read_text()


def test_missing_and_unexpected_keys_are_listed(folder: Path) -> None:
    change(folder, network__head__bias=None, head__bias=torch.zeros(3))
    with pytest.raises(
        InputError, match=r"missing: network\.head\.bias; unexpected: head\.bias"
    ):
        load_bundle(folder)


def test_many_missing_keys_are_counted(folder: Path) -> None:
    save_file({"a": torch.zeros(1)}, folder / WEIGHTS)
    with pytest.raises(InputError, match=r"and \d+ more; unexpected: a"):
        load_bundle(folder)


def test_another_shape_is_refused(folder: Path) -> None:
    change(folder, network__head__bias=torch.zeros(2))
    with pytest.raises(InputError, match=r"head\.bias \(\(2,\), not \(3,\)\)"):
        load_bundle(folder)


def test_weights_that_are_no_numbers_are_refused(folder: Path) -> None:
    change(folder, network__head__bias=torch.full((3,), torch.nan))
    with pytest.raises(InputError, match=r"not finite: network\.head\.bias"):
        load_bundle(folder)


def test_changed_numbers_are_refused_by_their_digest(folder: Path) -> None:
    change(folder, network__head__bias=torch.ones(3))
    digest = read_json(folder / "bundle.json")["weights_digest"]
    with pytest.raises(InputError, match=f"was changed .*says {digest}"):
        load_bundle(folder)


def test_temperature_and_threshold_are_kept(tmp_path: Path, network) -> None:
    found = Calibration(
        temperature=1.25,
        temperature_log_se=0.2,
        temperature_rule="fitted",
        threshold=0.625,
        threshold_rule="youden",
        validation_scans=30,
    )
    card = CARD.model_copy(update={"calibration": found})
    save_bundle(tmp_path, network, card)
    assert load_bundle(tmp_path).card.calibration == found
    text = (tmp_path / "README.md").read_text()
    assert "- temperature: 1.250 (fitted)\n- threshold: 0.625 (youden)\n" in text
    several = found.model_copy(update={"threshold": None})
    text = card_text(card.model_copy(update={"calibration": several}))
    assert "threshold" not in text
    assert "- validation scans for both: 30" in text


def test_a_bundle_from_before_there_were_temperatures_is_read(folder: Path) -> None:
    card = read_json(folder / "bundle.json")
    del card["calibration"]
    write_json(folder / "bundle.json", card)
    assert load_bundle(folder).card.calibration is None
    assert "temperature" not in card_text(load_bundle(folder).card)


def test_a_bundle_from_before_there_were_digests_is_read(folder: Path) -> None:
    card = read_json(folder / "bundle.json")
    del card["weights_digest"]
    write_json(folder / "bundle.json", card)
    assert load_bundle(folder).card.weights_digest is None


def test_a_bundle_of_the_first_format_is_read(folder: Path) -> None:
    """It has the digest of its settings alone, and is the same bundle as ever."""
    card = read_json(folder / "bundle.json")
    for later in (
        *("made_with", "encoder_sources", "training_cohort", "trained_on"),
        *("reference_group", "reference_maps", "class_prior", "usual"),
    ):
        del card[later]
    card["participants"] = ["sub-01", "sub-02"]
    card |= {"format": "crosswarp-bundle-1", "preprocessing": "0123456789abcdef"}
    write_json(folder / "bundle.json", card)
    found = load_bundle(folder).card
    assert (found.made_with, found.preprocessing) == (None, "0123456789abcdef")
    assert found.said() == card
    text = card_text(found)
    assert "- preprocessing: 0123456789abcdef\n" in text
    assert "trained on: 2 participants (virtual), repeat 0, without fold 0" in text
    assert "listed in bundle.json" in text
    assert [found.saw(name) for name in ("sub-01", "SUB-0_1", "sub-03")] == [
        *(True, True, False),
    ]


def test_nobody_who_was_trained_on_is_named(folder: Path) -> None:
    """Ids are keyed hashes, which still say of an id at hand whether it was there."""
    for path in folder.iterdir():
        assert b"sub-0" not in path.read_bytes()
    card = load_bundle(folder).card
    assert [card.saw(name) for name in ("sub-01", "02", "sub-03")] == [
        *(True, True, False),
    ]
    assert len(card.people) == 2
    assert "2 participants (virtual), repeat 0, without fold 0; by keyed" in card_text(
        card
    )
    named = read_json(folder / "bundle.json") | {"participants": ["sub-01"]}
    write_json(folder / "bundle.json", named)
    with pytest.raises(InputError, match="got ids of participants in the clear"):
        load_bundle(folder)


def test_a_bundle_of_a_newer_version_is_refused(folder: Path) -> None:
    """Whatever else it holds: the message is about the version alone."""
    newer = {"format": "crosswarp-bundle-5", "crosswarp_version": "9.1", "new": 1}
    write_json(folder / "bundle.json", {**read_json(folder / "bundle.json"), **newer})
    with pytest.raises(InputError) as error:
        load_bundle(folder)
    assert str(error.value) == (
        f"{folder / 'bundle.json'} was written by crosswarp 9.1 in the format"
        f" crosswarp-bundle-5; crosswarp {version('crosswarp')} reads formats up to"
        " crosswarp-bundle-4. Install the newer version: pip install --upgrade"
        " crosswarp"
    )


def test_settings_of_preprocessing_are_kept_whole(tmp_path: Path, network) -> None:
    """With the way to a user's template, and no folder of this machine's."""
    files = (tmp_path / "templates" / "own.nii", tmp_path / "templates" / "mask.nii")
    own = OwnTemplate(space="Own", t1w_digest="a" * 16, mask_digest="b" * 16)
    limits = QualityLimits(overlap=Limits(fine=(0.97, None), used=(0.9, None)))
    kept = KeptSettings(
        settings=PreprocessSettings(
            resolution=2,
            template=own,
            registration=GreedySettings(deformable_iterations=(7, 3)),
            limits=limits,
        ),
        steps=4,
        template_files=(str(files[0]), str(files[1])),
    )
    place = tmp_path / "run" / "bundle"
    save_bundle(place, network, CARD.model_copy(update={"made_with": kept}))
    assert load_bundle(place).card.made_with == kept
    text = (place / "bundle.json").read_text()
    assert str(tmp_path) not in text
    assert "../../templates/own.nii" in text
    assert "registration greedy at 2 mm, brain mask deepbet" in (
        (place / "README.md").read_text()
    )
    (tmp_path / "moved").mkdir()
    (tmp_path / "run").rename(tmp_path / "moved" / "run")
    found = load_bundle(tmp_path / "moved" / "run" / "bundle").card
    assert found.made_with is not None
    assert found.made_with.template_files == (
        str(tmp_path / "moved" / "templates" / "own.nii"),
        str(tmp_path / "moved" / "templates" / "mask.nii"),
    )
    assert "own.nii" not in json.dumps(found.said())
    assert found.portable().made_with == kept.model_copy(
        update={"template_files": None}
    )


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path) -> None:
    other = CARD.model_copy(update={"model": CATALOGUE["compact_jsm"]})
    save_bundle(tmp_path / "other", build_network(other.model, 3, CARD.extent), other)
    (folder / WEIGHTS).write_bytes((tmp_path / "other" / WEIGHTS).read_bytes())
    with pytest.raises(InputError, match=r"missing: network\.fusion.*unexpected: netw"):
        load_bundle(folder)


def test_maps_below_the_smallest_extent_are_refused(folder: Path) -> None:
    card = read_json(folder / "bundle.json")
    write_json(folder / "bundle.json", {**card, "box": [[0, 9], [0, 26], [0, 26]]})
    with pytest.raises(ShapeError, match=r"\(9, 26, 26\) voxels; CompactCNN needs 13"):
        load_bundle(folder)


def test_a_pickle_is_refused(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(InputError, match="not a safetensors file"):
        load_bundle(folder)


def test_a_folder_without_weights_is_no_bundle(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    with pytest.raises(InputError, match=r"lacks weights\.safetensors"):
        load_bundle(folder)


def test_an_encoder_that_was_built_otherwise_is_refused(folder: Path) -> None:
    """Same shapes, other answers: what Swin UNETR's merging of voxels was once."""
    chosen = {"weights": "brainsegfounder_ukb"}
    swin = CATALOGUE["swin_unetr_t1w"].model_copy(update=chosen)
    assert bundle._built_for(swin) == {"repeated": True}
    card = read_json(folder / "bundle.json")
    assert "built_for" not in card
    write_json(folder / "bundle.json", {**card, "built_for": {"repeated": True}})
    with pytest.raises(InputError, match=r"built otherwise .* train it again"):
        load_bundle(folder)


def test_a_card_of_another_format_is_refused(folder: Path) -> None:
    card = read_json(folder / "bundle.json")
    write_json(folder / "bundle.json", {**card, "format": "another"})
    with pytest.raises(InputError, match="not a bundle's card: format"):
        load_bundle(folder)
