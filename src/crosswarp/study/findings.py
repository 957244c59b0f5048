"""What an answer for one scan says besides its probabilities.

Each class is a part of the answer's file, ``…_prediction.json``; pages and viewers read
them back with the same classes.
"""

from enum import StrEnum

from crosswarp.study.part import Part


class Level(StrEnum):
    """What a doubt leads to, from none to the most."""

    NONE = "none"
    WARNING = "warning"
    REFUSAL = "refusal"


LEVELS = tuple(Level)


class Doubt(Part):
    """One comparison of a scan with the training scans.

    Attributes:
        name: What is compared: ``embedding``, ``image_and_quality``, ``age_years`` or
            ``field_strength_t``.
        value: Distance, over that of a typical training scan; or the number itself.
        percentile: Percentile among training scans, 0 to 100; None where their
            distribution is not kept.
        level: What the comparison leads to.
        sentence: What it says, in words.
    """

    name: str
    value: float
    percentile: float | None = None
    level: Level = Level.NONE
    sentence: str


class Doubts(Part):
    """All comparisons of a scan with the training scans.

    Attributes:
        level: The most of any comparison.
        compared: Comparisons that could be made.
        missing: Comparisons that could not, each with the reason.
        overridden: Whether the number is given although the scan is too unlike.
    """

    level: Level = Level.NONE
    compared: tuple[Doubt, ...] = ()
    missing: tuple[str, ...] = ()
    overridden: bool = False

    @property
    def raised(self) -> tuple[Doubt, ...]:
        """Comparisons that raise a doubt."""
        return tuple(each for each in self.compared if each.level != Level.NONE)


class RegionVolume(Part):
    """Volume of one region of a scan, beside the reference group.

    Attributes:
        region: Name of the structure.
        hemisphere: ``left`` or ``right``.
        labels: Values of the atlas's label map that make it up.
        centre_mm: Centre of the region on the template, RAS+ millimetres.
        ratio: Volume over the template's, the head's own size taken out.
        expected: Ratio that the reference group's regression expects of the person.
        z: Deviation of the logarithm of the ratio from it, in standard deviations of
            the reference group.
        percentile: Share of the group's population with a smaller region, per cent.
    """

    region: str
    hemisphere: str
    labels: tuple[int, ...]
    centre_mm: tuple[float, float, float]
    ratio: float
    expected: float
    z: float
    percentile: float


class RegionalTable(Part):
    """Volumes of regions, and whom they are compared with.

    Attributes:
        group: Class of the reference group.
        participants: Number of people in the group.
        adjusted_for: Covariates that were taken into account: ``age``, ``sex`` and
            ``head size``.
        not_adjusted_for: Those that were not, as they are not known of the person or
            of the group.
        regions: One entry a structure and side.
        reason: Why there are none; empty where there are.
    """

    group: str = "CN"
    participants: int = 0
    adjusted_for: tuple[str, ...] = ()
    not_adjusted_for: tuple[str, ...] = ()
    regions: tuple[RegionVolume, ...] = ()
    reason: str = ""


class MapShares(Part):
    """Shapley values of the two maps for one answer, in logits before scaling.

    ``reference + t1w + jsm`` is the evidence in the scan, exactly.

    Attributes:
        t1w: Evidence for the positive class that the T1w image brings.
        jsm: Evidence that the log-Jacobian map brings.
        reference: Evidence in the mean maps of the reference group.
        whom: Whose mean maps those are.
    """

    t1w: float
    jsm: float
    reference: float
    whom: str = ""

    @property
    def evidence(self) -> float:
        """Evidence for the positive class in the scan, in logits."""
        return self.reference + self.t1w + self.jsm


class AtPrevalence(Part):
    """Probabilities where the classes are as frequent as the user says.

    Attributes:
        prevalence: Share of the positive class that the user stated.
        training: Share of it that training made the networks expect.
        probabilities: Probability of each class there.
    """

    prevalence: float
    training: float
    probabilities: dict[str, float]


class SessionChange(Part):
    """Change of the answer from a person's first session to a later one.

    Attributes:
        first: Name of the first session.
        later: Name of the later session.
        probability: Change of the probability of the positive class.
        log_odds: Change of its log-odds.
        days: Days between the sessions, where their names say it.
        years: Years between the sessions, by days or else by ages.
        probability_per_year: Change of the probability over the years.
        log_odds_per_year: Change of the log-odds over the years.
    """

    first: str
    later: str
    probability: float
    log_odds: float
    days: int | None = None
    years: float | None = None
    probability_per_year: float | None = None
    log_odds_per_year: float | None = None


CHANGE_NOTE = (
    "The networks were trained on single scans, not on change: a difference between"
    " sessions holds that of scanners and positions, too, and is no measure of"
    " progression."
)


class Changes(Part):
    """Changes between the sessions of one person, by the same networks.

    Attributes:
        positive: Class whose probability changes.
        sessions: Later sessions, in the order of time.
        note: What a reader must know of them.
    """

    positive: str
    sessions: tuple[SessionChange, ...]
    note: str = CHANGE_NOTE
