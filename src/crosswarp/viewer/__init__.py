"""`crosswarp serve`: scans, answers and runs as pages of a local web server."""
