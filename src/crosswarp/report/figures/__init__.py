"""Figures, one a file: ``draw(run)`` gives an `Illustration`."""
