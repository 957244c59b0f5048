"""Texts, one a file: ``write(run)`` gives a `Text`."""
