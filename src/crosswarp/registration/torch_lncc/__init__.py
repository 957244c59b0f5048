"""Registration in PyTorch, on a GPU where there is one: affine, then a dense warp."""
