"""All stages in a row, on virtual participants: what `crosswarp demo` runs."""
