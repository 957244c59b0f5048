"""SwinEncoder: what is computed again for the backward pass is the same."""

import torch

from crosswarp.models.encoders import swin
from crosswarp.models.encoders.swin import RepeatedMerging, SwinEncoder


def gradients(encoder: SwinEncoder, volume: torch.Tensor) -> list[torch.Tensor]:
    encoder.zero_grad()
    encoder(volume).square().sum().backward()
    found = [parameter.grad for parameter in encoder.parameters()]
    return [gradient.clone() for gradient in found if gradient is not None]


def flags(encoder: SwinEncoder) -> set[bool]:
    modules = encoder.transformer.modules()
    return {m.use_checkpoint for m in modules if hasattr(m, "use_checkpoint")}


def test_gradients_do_not_depend_on_what_is_kept() -> None:
    encoder, volume = SwinEncoder(), torch.rand(2, 1, 33, 34, 35)
    assert flags(encoder) == {True}
    again = gradients(encoder, volume)
    assert flags(encoder.eval()) == {False}
    kept = gradients(encoder, volume)
    assert len(again) == len(kept) > 100
    assert all(map(torch.equal, again, kept))
    assert flags(encoder.train()) == {True}


def test_less_is_kept_while_training() -> None:
    def kept_bytes(encoder: SwinEncoder) -> int:
        sizes: dict[int, int] = {}

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            sizes[tensor.untyped_storage().data_ptr()] = tensor.nbytes
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            encoder(torch.rand(1, 1, 33, 34, 35))
        return sum(sizes.values())

    encoder = SwinEncoder()
    assert kept_bytes(encoder.train()) < 0.5 * kept_bytes(encoder.eval())


def test_repeated_corners_are_those_of_monai_before_1_5() -> None:
    """Eight voxels hold 0 to 7, the last axis fastest: 2 and 1 come twice."""
    merging = RepeatedMerging(torch.nn.Identity(), torch.nn.Identity())
    corners = torch.arange(8.0).reshape(1, 2, 2, 2, 1)
    assert merging(corners).flatten().tolist() == [0, 4, 2, 1, 5, 2, 1, 7]
    odd = torch.ones(1, 3, 4, 5, 2)
    assert merging(odd).shape == (1, 2, 2, 3, 16)


def test_the_merging_changes_no_names(monkeypatch) -> None:
    monkeypatch.setattr(swin, "EMBEDDED", 12)
    with torch.device("meta"):
        now, before = SwinEncoder(), SwinEncoder(repeated=True)
        assert before(torch.zeros(1, 1, 33, 34, 35)).shape == (1, 192, 2, 2, 2)
    assert before.state_dict().keys() == now.state_dict().keys()
    assert len([m for m in before.modules() if isinstance(m, RepeatedMerging)]) == 4
