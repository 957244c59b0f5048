"""The steps of a study in order: from its file to its report."""
