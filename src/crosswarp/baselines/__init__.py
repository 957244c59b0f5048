"""Models without a network: voxels or regional volumes into a linear classifier."""
