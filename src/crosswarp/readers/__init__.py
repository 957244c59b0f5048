"""NIfTI, DICOM and archives of files: one canonical image each."""
