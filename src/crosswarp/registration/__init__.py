"""Template to participant: affine, displacement for the rest, and its Jacobian."""
