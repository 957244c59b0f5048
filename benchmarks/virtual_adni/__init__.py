"""A download of ADNI whose participants are virtual: folders, DICOM and tables."""
