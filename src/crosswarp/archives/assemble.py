"""From what an archive says to a cohort: one T1 a session, its visit, its label."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crosswarp.archives.choice import Chosen, choose_t1
from crosswarp.archives.matching import Match, match_visit
from crosswarp.archives.naming import (
    colliding,
    names_of,
    participant_label,
    session_label,
)
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import (
    Content,
    Exclusion,
    Image,
    Imported,
    Person,
    Visit,
    When,
)
from crosswarp.archives.row import Labelled, make_row
from crosswarp.archives.rules import FAMILY, Label, progression, with_subgroup
from crosswarp.archives.tree import Tree
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.labels import Labels
from crosswarp.errors import InputError

NOT_ON_DISK = "listed in a table, but not on the disk"
NOT_FIRST = "not the participant's first scan with a label (--visits all takes it)"
ANOTHER = "another T1 of the session is taken"


@dataclass
class _Assembly:
    content: Content
    options: ArchiveOptions
    tree: Tree
    labels: Labels
    visits: dict[str, list[Visit]] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    excluded: list[Exclusion] = field(default_factory=list)
    named: set[str] = field(default_factory=set)

    def left_out(self, image: Image, reason: str, detail: str = "") -> None:
        place = "" if image.path is None else self.tree.place(image.path)
        item = place or f"image {image.image_id}"
        participant = participant_label(image.participant)
        session = session_label(image.session) if image.session else NOT_AVAILABLE
        self.excluded.append(Exclusion(participant, session, reason, item, detail))

    @property
    def window(self) -> int:
        asked = self.options.window
        return self.content.window if asked is None else asked

    def person(self, name: str) -> Person:
        return self.content.people.get(name) or Person(name)


def assemble(content: Content, options: ArchiveOptions, tree: Tree) -> Imported:
    """Make a cohort of what was read of an archive.

    Args:
        content: Images, visits, people.
        options: The user's rules.
        tree: Where the images lie.

    Returns:
        A row a scan. Every other image, and every visit without a scan, is an
        exclusion.
    """
    work = _Assembly(content, options, tree, Labels(options.labels, {}))
    by_person: dict[str, list[Visit]] = defaultdict(list)
    for visit in content.visits:
        by_person[visit.participant].append(visit)
    work.visits = by_person
    sessions = _sessions(work)
    labelled = []
    for images in sessions:
        chosen = choose_t1(images, options.t1, options.prefer)
        for image, why in chosen.passed:
            work.left_out(image, ANOTHER, _passed(chosen, why))
        if (found := _labelled(work, chosen)) is not None:
            labelled.append(found)
    visits = options.visits or content.scans
    kept = labelled if visits == "all" else _first(work, labelled)
    rows = [_row(work, one) for one in kept]
    _unused_visits(work)
    unknown = options.exclude - work.named
    excluded = [*content.exclusions, *work.excluded]
    notes = [*content.notes, *work.labels.sentences(), *_mixed(rows)]
    if unknown:
        listed = f"{len(unknown)} name(s) of {options.exclude_from}"
        notes.append(f"{listed} fit no scan that is here")
    return Imported(rows, excluded, notes)


def _row(work: _Assembly, one: Labelled) -> dict[str, Any]:
    name = one.chosen.image.participant
    scores = work.content.scores.get(name, [])
    row = make_row(one, work.person(name), scores, work.window)
    own = work.visits.get(name, [])
    return row | {"baseline_diagnosis": _baseline(work, name, own)}


def _sessions(work: _Assembly) -> list[list[Image]]:
    """Group the images that may be taken by participant and session, in order."""
    clash = colliding(image.participant for image in work.content.images)
    clashing = {name for names in clash.values() for name in names}
    grouped: dict[tuple[str, str], list[Image]] = defaultdict(list)
    for image in work.content.images:
        if named := [n for n in names_of(image) if n in work.options.exclude]:
            reason = f"named in the list of {work.options.exclude_from}"
            work.left_out(image, reason, named[0])
            work.named |= set(named)
        elif image.participant in clashing:
            work.left_out(image, "two ids of the archive become one id of BIDS")
        elif image.path is None:
            work.left_out(image, NOT_ON_DISK, image.description)
        else:
            grouped[image.participant, session_label(image.session)].append(image)
    return [images for _, images in sorted(grouped.items())]


def _passed(chosen: Chosen, why: str) -> str:
    one = chosen.image
    name = f"I{one.image_id}" if one.image_id.isdecimal() else one.image_id
    taken = " ".join(part for part in (name, one.description) if part)
    return f"{why}; taken: {taken or (one.path.name if one.path else '')}"


def _labelled(work: _Assembly, chosen: Chosen) -> Labelled | None:
    """Label a scan; None, with an exclusion, where that cannot be."""
    image, options = chosen.image, work.options
    person = work.person(image.participant)
    own = work.visits.get(image.participant, [])
    match = match_visit(image, own, work.window, by_code=work.content.by_code)
    if options.diagnosis == "visit":
        found = _of_visit(work, match, person)
        source = match.visit.table if match.visit else ""
        rule = match.visit.rule if match.visit else ""
        rule += f"; tie with {match.tie}, the earlier is taken" if match.tie else ""
    else:
        found, source, rule = _of_person(work, person, own)
    if match.visit is not None:
        work.used.add(id(match.visit))
    if found.label is not None and options.conversion is not None:
        later = _progressed(found.label, own, image.when, options.conversion)
        rule += f"; {later.detail}" if later.label and later.detail else ""
        found = later
    if found.label is None:
        work.left_out(image, found.reason, found.detail)
        return None
    try:
        label = work.labels.read(found.label)
    except InputError as error:
        work.left_out(image, str(error))
        return None
    return Labelled(chosen, match, label, source, rule)


def _of_visit(work: _Assembly, match: Match, person: Person) -> Label:
    if match.visit is None:
        return Label(None, match.reason, match.detail)
    if match.visit.label is None:
        return Label(None, match.visit.why_none, match.visit.rule)
    return with_subgroup(match.visit.label, person.group, work.options.subgroups)


def _of_person(
    work: _Assembly, person: Person, visits: Sequence[Visit]
) -> tuple[Label, str, str]:
    if work.options.diagnosis == "group":
        source = "group of enrolment, not a diagnosis at the scan"
        if not person.group:
            return Label(None, "no group of enrolment is known"), "", ""
        found = with_subgroup(person.group, person.group, work.options.subgroups)
        return found, "", source
    if person.baseline is not None:
        found = with_subgroup(person.baseline, person.group, work.options.subgroups)
        return found, "", f"baseline diagnosis: {person.baseline_from}"
    first = _first_visit(visits)
    if first is None or first.label is None:
        return Label(None, "no baseline diagnosis is known"), "", ""
    found = with_subgroup(first.label, person.group, work.options.subgroups)
    return found, first.table, f"first visit with a diagnosis: {first.rule}"


def _progressed(
    label: str, visits: Sequence[Visit], when: When | None, months: float
) -> Label:
    if FAMILY.get(label, label) != "MCI":
        return Label(label)
    if when is None:
        return Label(None, "MCI, and the scan has no date to follow up from")
    return progression(visits, when, months)


def _first(work: _Assembly, labelled: Sequence[Labelled]) -> list[Labelled]:
    """Keep each participant's first scan."""
    first: dict[str, Labelled] = {}
    for one in sorted(labelled, key=_order):
        image = one.chosen.image
        if first.setdefault(image.participant, one) is not one:
            taken = session_label(first[image.participant].chosen.image.session)
            work.left_out(image, NOT_FIRST, f"taken: {taken}")
    return list(first.values())


def _order(one: Labelled) -> tuple[str, bool, int, str]:
    image = one.chosen.image
    when = image.when
    day = when if isinstance(when, int) else when.toordinal() if when else 0
    return image.participant, when is None, day, image.session


def _first_visit(visits: Sequence[Visit]) -> Visit | None:
    timed = [one for one in visits if one.label is not None and one.when is not None]
    if timed:
        return min(timed, key=lambda one: _day(one.when))
    return next((one for one in visits if one.label is not None), None)


def _day(when: When | None) -> int:
    return when if isinstance(when, int) else when.toordinal() if when else 0


def _baseline(work: _Assembly, name: str, visits: Sequence[Visit]) -> str:
    person = work.person(name)
    first = _first_visit(visits)
    return person.baseline or (first.label if first else None) or NOT_AVAILABLE


def _unused_visits(work: _Assembly) -> None:
    """List the visits that no scan was matched with."""
    scanned = {image.participant for image in work.content.images if image.path}
    for visit in work.content.visits:
        if id(visit) in work.used:
            continue
        known = visit.participant in scanned
        reason = (
            "a visit without a scan near it" if known else "a participant without a T1"
        )
        item = f"{visit.table} line {visit.line}" if visit.line else visit.table
        participant = participant_label(visit.participant)
        work.excluded.append(
            Exclusion(participant, NOT_AVAILABLE, reason, item, f"visit {visit.code}")
        )


def _mixed(rows: Sequence[dict[str, object]]) -> list[str]:
    """Say when scaled and unscaled scans come together: their volumes differ."""
    scaled = Counter("scaled" in str(r["series_description"]).casefold() for r in rows)
    if len(scaled) < 2:
        return []
    return [
        f"{scaled[True]} scan(s) are scaled by the archive and {scaled[False]} are not:"
        " scaling changes volumes; see --t1 and --prefer"
    ]
