"""Drawing what more than one stage shows: NumPy and matplotlib, no files but its own.

The report, one scan's prediction and the quality pictures share these slices, colours
and marks.
"""
