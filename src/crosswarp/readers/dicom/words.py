"""What a series is described as: words of a fixed list, nothing else."""

import re
from collections.abc import Iterable
from typing import Final

SEQUENCE_WORDS: Final = (
    *("mprage", "mp-rage", "mp2rage", "memprage", "spgr", "fspgr", "bravo"),
    *("tfl", "tfe"),
)
T1_WORDS: Final = ("t1", *SEQUENCE_WORDS)
CONTRAST_WORDS: Final = (
    *("t2", "flair", "dwi", "dti", "adc", "bold", "fmri", "epi", "asl", "swi"),
    *("tof", "mra", "angio", "fieldmap", "perf", "pd", "diff"),
)
"""Another contrast, where the words of a T1w sequence do not say otherwise."""

PART_WORDS: Final = ("localizer", "scout", "survey", "mip", "t1map")
"""No whole T1w volume, whatever else is said."""

MP2RAGE_WORDS: Final = ("inv1", "inv2", "uni", "den")
OTHER_WORDS: Final = (*CONTRAST_WORDS, *PART_WORDS)
ALL_WORDS: Final = (*T1_WORDS, *OTHER_WORDS, *MP2RAGE_WORDS)

_PROJECT: Final = r"(study|project|trial|protocol|cohort|group|patients?|controls?)"
"""Words that make the one before them the name of a project: ``PD_study``."""

_SPELLINGS: Final = (
    (r"\bfield[ _-]?map(ping)?\b|\bb0[ _-]?map\b", " fieldmap "),
    (r"\b(inv|ti)[ _-]?([12])\b", r" inv\2 "),
    (r"\b(t1[ _-]?map|t1[ _-]images?)\b", " t1map "),
    (r"\b(uni[ _-]?t1|unit1)w?\b", " uni "),
    (r"\b(uni[ _-]?den|denoised)\b", " uni den "),
)
_AFTER_CONTRAST: Final = re.compile(
    r"\b(gd|gado?|gadolinium|gadovist|dotarem|magnevist|prohance|multihance|km|ce|mdc"
    r"|postgd|postgad|post|postcontrast|contrast|gd[ -]?dtpa)\b|\+ ?(c|gd|k)\b|\bc ?\+"
)
_NEGATED: Final = re.compile(
    r"\b(pre|non?|w/?o|without|before|ohne|sans|native?)[ -]*"
    r"(gd|gado?|gadolinium|km|ce|c|contrast|kontrast)?\b"
)
_NO_AGENT: Final = {"", "none", "no", "n", "without", "no contrast", "0", "null", "n/a"}


def words_in(described: str) -> tuple[str, ...]:
    """Pick the words that name a contrast; ``t1_mprage_sag`` has two.

    Only whole words count: ``field_of_view`` is no field map. The name of a project
    (``PD_study``) is none either.

    Args:
        described: Text of the header; nothing else of it is returned.
    """
    plain = described.lower().replace("_", " ")
    for pattern, word in _SPELLINGS:
        plain = re.sub(pattern, word, plain)
    plain = re.sub(rf"\b[a-z0-9-]+ +{_PROJECT}\b", " ", plain)
    parts = re.split(r"[^a-z0-9-]+", plain)
    pieces = {*parts, *(piece for part in parts for piece in part.split("-"))}
    # t1w, t1weighted, mprage1, 3dt1, and sT1W of one manufacturer
    return tuple(
        word
        for word in ALL_WORDS
        if any(re.fullmatch(rf"(3d|s)?{word}(w|weighted)?\d?", p) for p in pieces)
    )


def other_contrast(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words that speak against T1w.

    The name of a T1w sequence (MPRAGE, SPGR, …) outweighs ``pd`` and ``diff``, which
    are short for much: Parkinson's disease, different.
    """
    said = set(words)
    weak = {"pd", "diff"} if said & set(SEQUENCE_WORDS) else set()
    return tuple(w for w in OTHER_WORDS if w in said and w not in weak)


def after_contrast(described: str, agent: str) -> bool:
    """Whether an image was taken after a contrast agent.

    Args:
        described: Description of the series.
        agent: As the header names it; empty when it does not.
    """
    if agent.strip().lower() not in _NO_AGENT:
        return True
    plain = re.sub(r"[_.,;:()/]+", " ", described.lower().replace("w/o", "without"))
    return bool(_AFTER_CONTRAST.search(_NEGATED.sub(" ", plain)))
