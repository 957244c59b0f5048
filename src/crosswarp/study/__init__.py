"""The contract between rooms: files of a study and of a run, and what they hold."""
