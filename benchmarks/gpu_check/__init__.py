"""Does a GPU give what a CPU gives, and what does it cost there? See ``__main__``."""
