"""Which T1 of several: what a description says of a series, and the order of choice.

One examination may hold ten T1 images of one head: two acquisitions, each raw and in
several stages of correction by the archive. The default is the raw, first, not
accelerated one that the scanner corrected for distortion: raw scans exist in every
phase and archive, the preprocessing here corrects the bias field itself, and the
archive's scaling by a phantom changes volumes.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Final

from crosswarp.archives.options import T1Rule
from crosswarp.archives.records import Image

_DERIVED: Final = re.compile(
    r"mask|spatially normali[sz]ed|skull ?strip|brain ?extract|freesurfer|harp\b"
    r"|hippocamp|segment|\bseg\b|jacobian|\blabels?\b|\batlas\b|template|\bt88\b|\bmni\b"
)
"""What was made of a T1 and is none: stripped, in another space, or labels."""

_OTHER: Final = re.compile(
    r"locali[sz]er|scout|survey|calib|field ?map|\bt2|\bt2w|flair|\bpd\b|moco|\bdti\b"
    r"|diffusion|fmri|\bbold\b|\brest|\basl\b|perfusion|\bepi\b|\bswi\b|\bmra\b|\btof\b"
    r"|phantom|\bpet\b|\bb1 ?map|high? ?res ?hip|average ?dc|\bcbf\b|\bhhr\b"
)
_T1: Final = re.compile(
    r"mp ?rage|\bmpr\b|\bmt1\b|spgr|bravo|\bt1|\btfl\b|t1w|\btfe\b|\bmpr r\b|\bir prep"
)
_REPEAT: Final = re.compile(r"repeat|\brpt\b|\bmpr r\b|\brep\b")
_ACCELERATED: Final = re.compile(r"\baccel|\bsense ?\d|\bgrappa ?\d|\bcs\b")
_UNCORRECTED: Final = re.compile(r"nd\b|\borig\b")
_PROCESSED: Final = re.compile(r"gradwarp|\bb1\b|\bn3m?\b|\bscaled\b|\bmt1\b")
_AGAIN: Final = re.compile(r"\b(?:scaled|n3m?|gradwarp|correction) (\d)\b")


@dataclass(frozen=True)
class Series:
    """What a description says.

    Attributes:
        derived: Made of a T1, and none itself.
        t1: A whole head with T1 contrast.
        processed: Corrected by the archive.
        steps: How many corrections it names: gradient warp, B1, N3.
        scaled: Its spacing was multiplied by a phantom's factor.
        repeat: The second acquisition of an examination.
        accelerated: Acquired with parallel imaging.
        uncorrected: Not corrected for distortion by the scanner (``_ND``, ``ORIG``).
        version: Number of the processing: 2 where it was done again.
    """

    derived: bool
    t1: bool
    processed: bool
    steps: int
    scaled: bool
    repeat: bool
    accelerated: bool
    uncorrected: bool
    version: int


def read_series(description: str) -> Series:
    """Tell what a series is by its description, or by the folder named after it.

    Example:
        >>> one = read_series("MPR-R; GradWarp; B1 Correction; N3; Scaled_2")
        >>> one.t1, one.steps, one.scaled, one.repeat, one.version
        (True, 3, True, True, 2)
        >>> read_series("Hippocampal_Mask").derived, read_series("Axial T2 FLAIR").t1
        (True, False)
    """
    plain = re.sub(r"[^a-z0-9]+", " ", description.casefold()).strip()
    other = _OTHER.search(plain) is not None
    derived = _DERIVED.search(plain) is not None and not other
    version = _AGAIN.search(plain)
    return Series(
        derived,
        _T1.search(plain) is not None and not derived and not other,
        _PROCESSED.search(plain) is not None,
        sum(word in plain for word in ("gradwarp", "b1", "n3")),
        "scaled" in plain,
        _REPEAT.search(plain) is not None,
        _ACCELERATED.search(plain) is not None and "unaccel" not in plain,
        _UNCORRECTED.search(plain) is not None,
        int(version[1]) if version else 1,
    )


def why_no_t1(description: str) -> str:
    """Say why an image is no T1 of a whole head; empty if it may be one."""
    found = read_series(description)
    if found.derived:
        return "derived from a T1, not a T1 of the whole head"
    return "" if found.t1 else "not a T1 by its description"


Criterion = tuple[str, Callable[[Series], int]]

_TAIL: Final[tuple[Criterion, ...]] = (
    ("accelerated", lambda s: s.accelerated),
    ("not corrected for distortion", lambda s: s.uncorrected),
    ("a repeat", lambda s: s.repeat),
)
_STEPS: Final[Criterion] = ("less corrected", lambda s: -s.steps)
_OLDER: Final[Criterion] = ("an older processing", lambda s: -s.version)

RULES: Final[dict[T1Rule, tuple[Criterion, ...]]] = {
    "raw": (
        ("processed by the archive", lambda s: s.processed),
        ("scaled by the archive", lambda s: s.scaled),
        *_TAIL,
        _STEPS,
        _OLDER,
    ),
    "processed": (
        ("raw", lambda s: not s.processed),
        ("scaled by the archive", lambda s: s.scaled),
        *_TAIL,
        _STEPS,
        _OLDER,
    ),
    "scaled": (
        ("not scaled", lambda s: not s.scaled),
        *_TAIL,
        _STEPS,
        _OLDER,
    ),
}
"""What counts against an image, the heaviest first; the first one passed over loses."""


@dataclass(frozen=True)
class Chosen:
    """The T1 of an examination.

    Attributes:
        image: The one that is taken.
        rule: By which rule, and among how many.
        passed: Each other one, and what counted against it.
    """

    image: Image
    rule: str
    passed: list[tuple[Image, str]]


def choose_t1(
    images: Sequence[Image], rule: T1Rule = "raw", prefer: Sequence[str] = ()
) -> Chosen:
    """Choose one T1 of one examination.

    Args:
        images: At least one, all T1.
        rule: One of `RULES`.
        prefer: Patterns of descriptions that come first; case does not count.
    """

    def rank(image: Image) -> tuple[int, ...]:
        series = read_series(image.description)
        return (
            _preference(image, prefer),
            *(int(cost(series)) for _, cost in RULES[rule]),
        )

    def order(image: Image) -> tuple[tuple[int, ...], int, str]:
        number = int(image.image_id) if image.image_id.isdecimal() else 0
        return rank(image), number, str(image.path)

    first, *others = sorted(images, key=order)
    names = ["not preferred", *(name for name, _ in RULES[rule])]
    passed = []
    for other in others:
        pairs = zip(names, rank(first), rank(other), strict=True)
        worse = next((name for name, one, two in pairs if two > one), None)
        passed.append((other, worse or "equal by the rule, later in number or name"))
    asked = ", ".join(prefer)
    name = f"{rule}, {asked} preferred" if prefer else rule
    return Chosen(first, f"{name} (of {len(images)})", passed)


def _preference(image: Image, prefer: Sequence[str]) -> int:
    description = image.description.casefold()
    for number, pattern in enumerate(prefer):
        if fnmatch(description, pattern.casefold()):
            return number
    return len(prefer)
