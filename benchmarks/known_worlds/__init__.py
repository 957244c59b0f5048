"""Which fusion uses what: the study of cohorts in which each map's share is known."""
