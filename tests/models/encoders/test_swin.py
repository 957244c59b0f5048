"""SwinEncoder: what is computed again for the backward pass is the same."""

import torch

from crosswarp.models.encoders.swin import SwinEncoder


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
