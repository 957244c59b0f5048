"""Images as the IDA of LONI hands them out: ADNI, AIBL, SCAN and others.

``<PROJECT>/<SUBJECT>/<DESCRIPTION>/<YYYY-MM-DD_HH_MM_SS.0>/<IMAGE FOLDER>/<files>``:
the end of the file names, ``_S<series>_I<image>``, is the reliable key to the tables.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import is_zipfile

from crosswarp.archives.choice import why_no_t1
from crosswarp.archives.days import parse_day
from crosswarp.archives.ida_lists import Listed, Listing
from crosswarp.archives.naming import participant_label, session_label, session_of_day
from crosswarp.archives.records import Content, Exclusion, Image, Kind
from crosswarp.archives.tree import Item, Tree
from crosswarp.bids.ids import NOT_AVAILABLE

_DAY_FOLDER: Final = re.compile(r"\d{4}-\d{2}-\d{2}_\d{2}_\d{2}_\d{2}(?:\.\d+)?")
_FILE: Final = re.compile(
    r"[A-Za-z]+_(?P<subject>.+?)_(?:MR|PT)_(?P<description>.+?)_(?:br_raw|Br|br)_\d{17}_"
)
_FOLDER_ID: Final = re.compile(r"I(\d+)")

SEVERAL = "the folder holds slices of several images"
TWICE = "the same image id is there twice"
ZIPPED = "a zip of a download is not looked into; unpack it here"
BROKEN = "a zip that is not complete; download it again"
STRANGER = "not in a folder of a participant"
FOREIGN = "a table gives the image to another participant than its folder"
NO_DAY = "neither a folder nor a table gives the day of the scan"


def read_images(
    tree: Tree,
    listing: Listing,
    subject_of: Callable[[str], str | None],
    withdrawn: Iterable[str] = (),
) -> Content:
    """Sort the images of a download, and name those that only a table has.

    Args:
        tree: What lies on the disk.
        listing: What the archive's lists say of images, by number.
        subject_of: Return a participant's id for the name of a folder; None if it is
            none.
        withdrawn: Numbers of images that the archive took back.

    Returns:
        Images that may be a T1, with exclusions and notes.
    """
    content = Content()
    gone = frozenset(withdrawn)
    seen: dict[str, Image] = {}
    for item in tree.images:
        image = _image(item, tree, listing, subject_of)
        listed = listing.images.get(image.image_id) or Listed()
        reason, detail = _why_not(image, item, listed, subject_of(listed.subject))
        if not reason and image.image_id in gone:
            reason = "withdrawn by the archive"
        if not reason and image.image_id and image.image_id in seen:
            reason = TWICE
        if reason:
            content.exclusions.append(_exclusion(image, item, tree, reason, detail))
        else:
            content.images.append(image)
        if image.image_id:
            seen.setdefault(image.image_id, image)
    absent = [one for number, one in listing.images.items() if number not in seen]
    _add_absent(content, absent, subject_of)
    content.notes += _disagreeing(content.images, listing)
    content.exclusions += [
        Exclusion(NOT_AVAILABLE, NOT_AVAILABLE, reason, place)
        for place, reason in tree.left_out
    ]
    return content


def _image(
    item: Item, tree: Tree, listing: Listing, subject_of: Callable[[str], str | None]
) -> Image:
    """Tell what an item is; ``n/a`` stands for a participant that cannot be told."""
    subject, description, day = _told(item, tree, subject_of)
    number = _number(item)
    listed = listing.images.get(number) or Listed()
    day = day or listed.day
    return Image(
        subject or subject_of(listed.subject) or NOT_AVAILABLE,
        "" if day is None else session_of_day(day),
        item.path,
        item.kind,
        listed.description or description,
        number,
        day,
        listed.visit,
        listed.facts,
    )


def _why_not(
    image: Image, item: Item, listed: Listed, listed_of: str | None
) -> tuple[str, str]:
    """Say why an image is not taken, with a detail; both empty when it is."""
    no_t1 = why_no_t1(image.description) or listed.no_t1
    foreign = listed_of is not None and listed_of != image.participant
    reasons = (
        (item.kind is Kind.ZIP, ZIPPED if _is_whole(item.path) else BROKEN, ""),
        (image.participant == NOT_AVAILABLE, STRANGER, ""),
        (len(item.image_ids) > 1, SEVERAL, f"images {', '.join(item.image_ids)}"),
        (bool(no_t1), no_t1, image.description),
        (foreign, FOREIGN, ""),
        (image.when is None, NO_DAY, ""),
    )
    return next(((why, more) for holds, why, more in reasons if holds), ("", ""))


def _is_whole(path: Path) -> bool:
    """Whether a zip has its list of contents, which is written last."""
    try:
        return is_zipfile(path)
    except OSError:
        return False


def _told(
    item: Item, tree: Tree, subject_of: Callable[[str], str | None]
) -> tuple[str | None, str, date | None]:
    """Read subject, description and day from the folders, else from the file's name."""
    parts = PurePosixPath(tree.place(item.path)).parts
    at = next((n for n, p in enumerate(parts) if _DAY_FOLDER.fullmatch(p)), None)
    if at is not None and at > 1:
        return subject_of(parts[at - 2]), parts[at - 1], parse_day(parts[at])
    found = _FILE.match(item.name)
    if found:
        return subject_of(found["subject"]), found["description"], None
    subjects = [s for part in parts if (s := subject_of(part)) is not None]
    return (subjects[0] if subjects else None), "/".join(parts[-2:]), None


def _number(item: Item) -> str:
    """Return the image's number: of the files' names, else of a folder ``I40966``."""
    if len(item.image_ids) == 1:
        return item.image_ids[0]
    folders = [item.path.name, *(parent.name for parent in item.path.parents)][:3]
    found = (_FOLDER_ID.fullmatch(name) for name in folders)
    return next((one.group(1) for one in found if one), "")


def _add_absent(
    content: Content,
    absent: Iterable[Listed],
    subject_of: Callable[[str], str | None],
) -> None:
    """Add the T1 that a table lists and the disk lacks; count the others."""
    others = 0
    for listed in absent:
        subject = subject_of(listed.subject)
        if subject is None or listed.no_t1 or why_no_t1(listed.description):
            others += 1
            continue
        session = "" if listed.day is None else session_of_day(listed.day)
        content.images.append(
            Image(
                subject,
                session,
                None,
                None,
                listed.description,
                listed.number,
                listed.day,
                listed.visit,
            )
        )
    if others:
        content.notes.append(
            f"{others} image(s) that are not T1 are in tables and not on the disk"
        )


def _disagreeing(images: Iterable[Image], listing: Listing) -> list[str]:
    counts: Counter[str] = Counter()
    for image in images:
        listed = listing.images.get(image.image_id)
        if image.path and listed and listed.day and listed.day != image.when:
            counts["day"] += 1
    return [
        f"{number} image(s) have another {what} in a table than in their folder; the"
        " folder's is taken"
        for what, number in counts.items()
    ]


def _exclusion(
    image: Image, item: Item, tree: Tree, reason: str, detail: str
) -> Exclusion:
    known = image.participant != NOT_AVAILABLE
    return Exclusion(
        participant_label(image.participant) if known else NOT_AVAILABLE,
        session_label(image.session) if image.session else NOT_AVAILABLE,
        reason,
        tree.place(item.path),
        detail,
    )


def with_facts(images: Iterable[Image], found: Mapping[str, Listed]) -> list[Image]:
    """Add facts that stand elsewhere to those of images, by number."""
    joined = []
    for image in images:
        more = found.get(image.image_id)
        if more is None:
            joined.append(image)
            continue
        facts = {**more.facts, **image.facts}
        joined.append(replace(image, facts=facts, visit=image.visit or more.visit))
    return joined
