"""Patterns: what they find, what they leave out, and what products of them hear."""

import pytest
import torch
from pydantic import ValidationError

from crosswarp.errors import InputError, ShapeError
from crosswarp.models.build import build_encoder, build_network
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.costs import count_parameters, count_tokens
from crosswarp.models.embedding import answer_of
from crosswarp.models.patterns import LARGEST, MapPatterns, PatternClassifier
from crosswarp.models.reconstruction import encoders_of
from crosswarp.models.scaling import fit_to_maps
from crosswarp.models.settings import ModelSettings

EXTENT = (9, 10, 11)
CROSSED = {"name": "a", "encoder": "patterns", "fusion": "crossed"}


def chance(count: int = 60) -> tuple[torch.Tensor, torch.Tensor]:
    t1w, jsm = torch.randn(2, count, 1, *EXTENT)
    return 0.5 + 0.1 * t1w, 0.2 * jsm


def on_both_sides(volumes: torch.Tensor, change: torch.Tensor) -> None:
    """Change the same place of both sides: cubes 0 and 8 of the first axis."""
    for side in (slice(0, 2), slice(7, 9)):
        volumes[:, :, side, 2:6, 2:6] += change[:, None, None, None, None]


def on_the_left(volumes: torch.Tensor, change: torch.Tensor) -> None:
    volumes[:, :, 2:4, 6:10, 6:10] += change[:, None, None, None, None]


def correlation(first: torch.Tensor, second: torch.Tensor) -> float:
    return float(torch.corrcoef(torch.stack([first, second]))[0, 1])


def right_answers(network: PatternClassifier, maps, ill: torch.Tensor) -> float:
    """Train on all scans, as a linear model is; return how many it takes rightly."""
    network.fit([maps[0]], [maps[1]])
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.03, weight_decay=0.01)
    for _ in range(80):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(*maps), ill).backward()
        optimiser.step()
    return float((network(*maps).argmax(dim=1) == ill).float().mean())


def test_the_first_pattern_is_what_both_sides_share_however_much_one_varies() -> None:
    """A change of both sides comes first, a threefold one of one side does not."""
    t1w, _ = chance()
    both, left = torch.randn(2, 60)
    on_both_sides(t1w, 0.1 * both)
    on_the_left(t1w, 0.3 * left)
    patterns = MapPatterns(EXTENT, 2, 3)
    scores = patterns.fit(t1w.split(7))
    assert abs(correlation(scores[:, 0], both)) > 0.9
    assert abs(correlation(scores[:, 0], left)) < 0.3
    # Scores of scans are the same in any batch, and have a spread of 1.
    assert torch.allclose(patterns(t1w), scores, atol=1e-4)
    assert torch.allclose(scores.std(dim=0, correction=0), torch.ones(3), atol=0.1)


def test_mirrored_scans_have_the_same_scores() -> None:
    t1w, _ = chance()
    patterns = MapPatterns(EXTENT, 3, 4)
    patterns.fit([t1w])
    assert torch.allclose(patterns(t1w.flip(2)), patterns(t1w), atol=1e-4)


def test_the_same_scans_in_other_batches_give_the_same_patterns() -> None:
    t1w, _ = chance()
    one, other = MapPatterns(EXTENT, 2, 5), MapPatterns(EXTENT, 2, 5)
    one.fit([t1w])
    other.fit(t1w.split(1))
    assert torch.allclose(one.patterns, other.patterns, atol=1e-5)


def test_an_unusual_scan_is_clipped_and_few_scans_have_few_patterns() -> None:
    t1w, _ = chance(3)
    patterns = MapPatterns(EXTENT, 2, 5)
    scores = patterns.fit([t1w])
    assert (scores[:, :2].abs().amax(dim=0) > 0).all()
    assert torch.equal(scores[:, 2:], torch.zeros(3, 3))
    assert patterns(100 * t1w).abs().max() == LARGEST


def test_maps_that_never_vary_have_scores_of_zero() -> None:
    patterns = MapPatterns(EXTENT, 2, 2)
    same = torch.full((4, 1, *EXTENT), 0.5)
    assert torch.equal(patterns.fit([same]), torch.zeros(4, 2))
    assert torch.equal(patterns(same), torch.zeros(4, 2))


def test_products_hear_whether_two_maps_change_together() -> None:
    """Neither map alone tells the two kinds of scans apart, nor do both added."""
    ill = torch.arange(60) % 2
    maps = chance()
    change = torch.randn(60)
    on_both_sides(maps[0], 0.2 * change)
    on_both_sides(maps[1], 0.4 * change * (2 * ill - 1))
    right = {}
    for crossed in (0, 2):
        network = PatternClassifier(
            ("t1w", "jsm"), EXTENT, 2, cell=2, count=2, crossed=crossed
        )
        right[crossed] = right_answers(network, maps, ill)
    assert right[0] < 0.75
    assert right[2] > 0.9


@pytest.mark.parametrize("used", ["t1w", "jsm"])
def test_one_map_is_crossed_with_itself_and_does_not_see_the_other(used) -> None:
    """Ill are those whose change is large, either way: its square tells."""
    change = torch.randn(60)
    ill = (change.abs() > 0.7).long()
    maps = chance()
    on_both_sides(maps[("t1w", "jsm").index(used)], 0.4 * change)
    right = {}
    for crossed in (0, 2):
        network = PatternClassifier(
            (used,), EXTENT, 2, cell=2, count=2, crossed=crossed
        )
        right[crossed] = right_answers(network, maps, ill)
    assert right[0] < 0.75
    assert right[2] > 0.9
    other = {"t1w": (maps[0], 9 * maps[1]), "jsm": (9 * maps[0], maps[1])}[used]
    assert torch.equal(network(*maps), network(*other))


def test_at_first_it_knows_nothing_and_its_last_layer_is_an_embedding() -> None:
    network = build_network(CATALOGUE["patterns_crossed"], 3, EXTENT)
    maps = chance(20)
    fit_to_maps(network, lambda name: iter(maps[("t1w", "jsm").index(name)].split(6)))
    logits, embedding = answer_of(network, *maps)
    assert torch.equal(logits, torch.zeros(20, 3))
    assert embedding is not None
    assert embedding.shape == (20, 2 * 12 + 16)


def test_sizes_of_the_catalogue() -> None:
    sizes = {"crossed": 82, "added": 50, "t1w": 46, "jsm": 46}
    for name, parameters in sizes.items():
        settings = CATALOGUE[f"patterns_{name}"]
        network = build_network(settings, 2, (77, 94, 82))
        assert count_parameters(network) == parameters
        kept = sum(each.numel() for each in network.buffers())
        assert parameters + kept < 1_560_000
        assert count_tokens(settings, (77, 94, 82)) == 12


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"encoder": "compact_cnn"}, "fusion crossed takes encoder patterns, got comp"),
        ({"fusion": "stacked"}, "gives scores, no tokens: give fusion crossed for"),
        ({"jsm_encoder": "compact_cnn"}, "jsm_encoder has no meaning"),
        ({"standardise": "voxel"}, "standardise has no meaning for encoder patterns"),
        ({"pooling": "max", "positions": True}, "positions, pooling has no meaning"),
        ({"crossed": 5, "patterns": 4}, "at most the 4 patterns of a map, got 5"),
        ({"patterns": 65}, "less than or equal to 64"),
        ({"fusion": "none"}, "fusion none takes one map"),
    ],
)
def test_what_does_not_go_with_patterns_is_told(choices, told) -> None:
    with pytest.raises(ValidationError, match=told):
        ModelSettings.model_validate({**CROSSED, **choices})


def test_patterns_are_refused_where_an_encoder_is_needed() -> None:
    settings = ModelSettings.model_validate(CROSSED)
    network = build_network(settings, 2, EXTENT)
    with pytest.raises(InputError, match="has no encoder of tokens"):
        build_encoder(settings)
    with pytest.raises(InputError, match="no encoder to pretrain or to start from"):
        encoders_of(network, settings)
    assert settings.weights_of_encoders == ()


def test_other_maps_and_too_few_scans_are_refused() -> None:
    patterns = MapPatterns(EXTENT, 2, 2)
    with pytest.raises(ShapeError, match=r"built for maps of \(9, 10, 11\) voxels"):
        patterns(torch.zeros(1, 1, 9, 10, 12))
    with pytest.raises(InputError, match="two training scans or more, got 1"):
        patterns.fit([torch.zeros(1, 1, *EXTENT)])
