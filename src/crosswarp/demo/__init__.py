"""A study of virtual participants: what `crosswarp demo` runs."""
