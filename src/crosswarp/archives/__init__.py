"""Archives: from a download to a cohort, with a reason for what is left out."""
