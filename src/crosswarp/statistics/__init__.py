"""Arrays in, numbers out: areas under curves, tests, intervals, calibration."""
