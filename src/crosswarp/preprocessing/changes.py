"""What would be made again, and for which changed setting or file: said first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crosswarp.bids.tree import may_be_dicom
from crosswarp.documents import read_object
from crosswarp.errors import OccupiedError
from crosswarp.preprocessing.identity import identity_of
from crosswarp.preprocessing.record import read_record
from crosswarp.preprocessing.request import (
    ScanRequest,
    lost_products,
    record_path,
)
from crosswarp.preprocessing.settings import STEPS_VERSION

DERIVATIVES: Final = "derivatives"
"""Registration and brain mask of maps whose scan another program registered."""

NAMED: Final = 3
"""Scans that one sentence names; the rest is counted."""

_FILE: Final = "the file has changed"
_DICOM: Final = "its files have changed, or another `dicom_series` was taken"
_OTHER_FILE: Final = (_FILE, _DICOM)


@dataclass(frozen=True)
class Change:
    """Why the maps of one scan would be made again.

    Attributes:
        label: Label of the scan.
        options: Arguments that differ: how the maps were made, and what is asked now,
            as they are given in Python.
        reasons: All other differences, in words.
        replaced: Whether maps of another file would be replaced, which may be of
            someone else: a lone file says nothing of the data set that it is from.
    """

    label: str
    options: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    replaced: bool = False


def change_of(request: ScanRequest, *, lone: bool = False) -> Change | None:
    """Compare what is asked with what the maps that are there were made with.

    Args:
        request: A scan that is to be done.
        lone: Whether it was given as one file, not as a part of a data set.

    Returns:
        None where no maps are there, or their record does not say how they were made.
    """
    path = record_path(request)
    record = read_object(path)
    made, was = record.get("Settings"), record.get("Fingerprint")
    if was == request.fingerprint or request.is_asked(read_record(path)):
        label = request.scan.label
        # Without the label, so that one sentence tells of all scans that lack it.
        lost = [fault.removeprefix(f"{label}_") for fault in lost_products(request)]
        return Change(label, (), tuple(lost[:1])) if lost else None
    if not isinstance(made, dict):
        return None
    asked = request.settings.model_dump(mode="json")
    options = tuple(_options(made, asked))
    reasons = list(_other_settings(made, asked))
    source = _source_reason(request, made, str(was))
    if source is not None:
        reasons.append(source)
    return Change(
        request.scan.label, options, tuple(reasons), lone and source in _OTHER_FILE
    )


def same_source(request: ScanRequest, record: Mapping[str, Any]) -> bool:
    """Whether maps were made from the very file that is asked.

    Args:
        request: Names the file.
        record: Sidecar of the maps, of any grid.
    """
    reason = _source_reason(
        request, record.get("Settings"), str(record.get("Fingerprint"))
    )
    return reason not in _OTHER_FILE


def refuse_changes(changes: Sequence[Change]) -> None:
    """Refuse to replace maps by a changed option or by those of another file.

    Raises:
        OccupiedError: Naming each option, how many scans, and what to type.
    """
    told = []
    for options, labels in _grouped((c.options, c.label) for c in changes):
        if options:
            told.append(_option_sentence(options, labels))
    others = [change.label for change in changes if change.replaced]
    if others:
        told.append(
            f"{counted(others)} made from another file than the one given now: it may"
            " be of someone else. Choose another folder, or give `redo=True` to replace"
            " them."
        )
    if told:
        raise OccupiedError(" ".join([*told, "Nothing was changed."]))


def sentences(changes: Sequence[Change]) -> list[str]:
    """Say what is made again, and why, a sentence a reason."""
    pairs: list[tuple[str, str]] = []
    for change in changes:
        pairs += [(reason, change.label) for reason in change.reasons]
        pairs += [
            (f"made with {made}, now {asked}", change.label)
            for made, asked in change.options
        ]
    return [
        f"{counted(labels, 'is', 'are')} made again: {reason}"
        for reason, labels in _grouped(pairs)
    ]


def others_made_otherwise(request: ScanRequest, asked: Collection[str]) -> list[str]:
    """Say which maps of the same grid were made with other options, and stay so.

    Args:
        request: Any that is to be done.
        asked: Labels of all scans that were asked for; `change_of` compares those.
    """
    now = request.settings.model_dump(mode="json")
    found = []
    space, resolution = request.grid
    pattern = f"sub-*/**/*_space-{space}_res-{resolution}_desc-logjacobian_T1w.json"
    for path in sorted(request.out.glob(pattern)):
        label = path.name.partition("_space-")[0]
        made = read_object(path).get("Settings")
        if label not in asked and isinstance(made, dict):
            found += [(options, label) for options in _options(made, now)]
    return [
        f"{counted(labels)} made with {made}, and this run asks for {asked_now}:"
        " training refuses maps of two kinds"
        for (made, asked_now), labels in _grouped(found)
    ]


def _option_sentence(
    options: tuple[tuple[str, str], ...], labels: Sequence[str]
) -> str:
    made = " ".join(each for each, _ in options)
    asked = " ".join(each for _, each in options)
    return (
        f"{counted(labels)} made with {made}; this run asks for {asked}: they would be"
        f" made again. Give {made} to keep them, or `redo=True` to make them again."
    )


def _options(
    made: Mapping[str, Any], asked: Mapping[str, Any]
) -> Iterable[tuple[str, str]]:
    """Give the arguments that differ, as they are given in Python."""
    for typed in (_registration, _brain_mask, _fall_back, _template):
        before, now = typed(made), typed(asked)
        if before and now and before != now:
            yield before, now


def _registration(settings: Mapping[str, Any]) -> str:
    found = settings.get("registration")
    name = found.get("backend") if isinstance(found, dict) else None
    if name == DERIVATIVES:
        return "`from_derivatives=True`"
    return f"`registration={name!r}`" if name else ""


def _brain_mask(settings: Mapping[str, Any]) -> str:
    name = settings.get("brain_mask")
    # Its option is that of the registration.
    return f"`brain_mask={name!r}`" if name and name != DERIVATIVES else ""


def _fall_back(settings: Mapping[str, Any]) -> str:
    if "fall_back" not in settings:
        return ""
    return f"`fall_back={bool(settings['fall_back'])}`"


def _template(settings: Mapping[str, Any]) -> str:
    found = settings.get("template")
    if not isinstance(found, dict):
        return ""
    digests = f"{found.get('t1w_digest')}, mask {found.get('mask_digest')}"
    return f"a `template` whose files have the digests {digests}"


def _other_settings(made: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterable[str]:
    """Name the settings that differ and are no options: a version's own choices."""
    # Limits of quality change verdicts, and make nothing again.
    before, now = _flat(identity_of(made)), _flat(identity_of(asked))
    if before.get("registration.backend") != now.get("registration.backend"):
        # The schedules of two back ends have nothing to compare.
        before, now = _without_schedule(before), _without_schedule(now)
    optional = ("brain_mask", "fall_back", "registration.backend")
    for name in sorted({*before, *now}):
        if name in optional or name.startswith("template"):
            continue
        if before.get(name) != now.get(name):
            yield (
                f"the setting {name} was {before.get(name, 'not there')}, and is"
                f" {now.get(name, 'not there')} now"
            )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _without_schedule(flat: dict[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in flat.items() if not n.startswith("registration.")}


def _source_reason(request: ScanRequest, made: object, was: str) -> str | None:
    """Tell what else than settings changed: nothing, steps, the series or the file."""
    try:
        if request.may_have_made(was, made):
            return None
    except (ValueError, TypeError, RecursionError):
        # Settings that nothing was ever made with.
        return _DICOM if may_be_dicom(request.path) else _FILE
    for steps in range(1, STEPS_VERSION + 1):
        if request.may_have_made(was, made, steps):
            return (
                "the steps of crosswarp have changed: they were version"
                f" {steps}, and are {STEPS_VERSION}"
            )
        if request.may_have_made(was, made, steps, series=False):
            return "another `dicom_series` was taken"
    return _DICOM if may_be_dicom(request.path) else _FILE


def _grouped(pairs: Iterable[tuple[Any, str]]) -> list[tuple[Any, list[str]]]:
    groups: dict[Any, list[str]] = defaultdict(list)
    for key, label in pairs:
        groups[key].append(label)
    return list(groups.items())


def counted(labels: Sequence[str], one: str = "was", several: str = "were") -> str:
    """Count and name scans as the subject of a sentence.

    Args:
        labels: Labels of the scans.
        one: Verb after a single scan.
        several: Verb after several scans.
    """
    more = len(labels) - NAMED
    named = ", ".join(labels[:NAMED]) + (f" and {more} more" if more > 0 else "")
    if len(labels) == 1:
        return f"1 scan ({named}) {one}"
    return f"{len(labels)} scans ({named}) {several}"
