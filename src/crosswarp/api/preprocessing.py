"""Raw scans to maps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack

import pandas as pd

from crosswarp.api.choices import checked
from crosswarp.api.paths import PathLike, as_path
from crosswarp.bids.left_out import refuse_empty, write_left_out
from crosswarp.bids.series import SeriesChoice
from crosswarp.execution.pool import LocalEngine
from crosswarp.longitudinal.cohort import check_changes, compare_sessions
from crosswarp.longitudinal.data_set import longitudinal_asked
from crosswarp.preprocessing.changes import refuse_changes
from crosswarp.preprocessing.cohort import (
    check_ledger,
    plan_cohort,
    run_plan,
    working_on,
)
from crosswarp.preprocessing.data_set import ScansAsked, found_with
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.build import registration_named
from crosswarp.registration.settings import OwnTemplate, RegistrationSettings
from crosswarp.registration.template import own_template


class PreprocessChoices(TypedDict, total=False):
    """Settings of `preprocess` by name, each with the default of the command.

    Attributes:
        resolution: Spacing of the template grid in mm, 1 (default) or 2.
        brain_mask: How the brain is found: ``deepbet`` (default), ``hd-bet``,
            ``template`` (the template's mask through an affine registration) or
            ``given`` (the scans are skull-stripped).
        fall_back: Whether the template's mask is taken where no brain is found.
        registration: Name of the back end, or its settings.
        template: T1w image of a template of your own (1 mm), its brain mask and the
            BIDS name of its space.
        prefer: Entities, such as ``acq-mprage`` or ``run-2``, that choose among several
            T1w images of a session.
        dicom_series: Numbers or SeriesInstanceUIDs of the DICOM series to take; of one
            scan only as ``sub-<label>=<number>``.
        from_derivatives: Whether the scans are a folder of derivatives of fMRIPrep or
            sMRIPrep, whose masks and transforms are used as they are.
        longitudinal: Whether the change between the sessions of each participant is
            estimated, too.
        session_times: Table with ``participant_id``, ``session_id`` and ``acq_time``,
            ``age_years`` or ``months``, for rates a year.
    """

    resolution: Literal[1, 2]
    brain_mask: Literal["deepbet", "hd-bet", "template", "given"]
    fall_back: bool
    registration: str | RegistrationSettings
    template: tuple[PathLike, PathLike, str] | OwnTemplate | None
    prefer: Sequence[str]
    dicom_series: Sequence[str]
    from_derivatives: bool
    longitudinal: bool
    session_times: PathLike | None


def preprocess(
    scans: PathLike,
    out: PathLike,
    *,
    participants: Iterable[str] = (),
    workers: int = 1,
    redo: bool = False,
    retry_failed: bool = False,
    **settings: Unpack[PreprocessChoices],
) -> pd.DataFrame:
    """Turn raw T1w scans into aligned T1w images and log-Jacobian maps.

    Scans that are done are not done again, so the same call resumes. Each scan runs in
    a process of its own; one that fails does not stop the others.

    Args:
        scans: BIDS data set; a folder with NIfTI files, zip archives or DICOM files;
            one such file; or a cohort table with paths.
        out: Folder of the maps.
        participants: Participants to preprocess, with or without ``sub-``; all when
            empty.
        workers: Scans that are preprocessed in parallel, one core each.
        redo: Make maps again that were made with other settings, or from another file.
        retry_failed: Do failed scans again.
        **settings: Choices by name, see `PreprocessChoices`: ``resolution``,
            ``brain_mask``, ``fall_back``, ``registration``, ``template``, ``prefer``,
            ``dicom_series``, ``from_derivatives``, ``longitudinal`` and
            ``session_times``.

    Returns:
        The ledger, one row per scan: ``status``, the verdict of the quality control
        (``qc``), ``reason`` and quality numbers. ``qc.html`` in ``out`` shows pictures.

    Raises:
        InputError: If there are no scans, or an argument cannot be used.
        OccupiedError: If ``out`` holds something else, or maps made with other
            settings and ``redo`` is not set.
        IncompleteError: If a scan failed; the others are done, ``ledger.tsv`` has all.
        LockedError: If another process works on ``out``.
        StorageError: If the disk is full; the same call resumes.

    Examples:
        >>> ledger = crosswarp.preprocess(
        ...     study / "bids", study / "maps", resolution=2, registration="greedy"
        ... )
        >>> ledger[["participant_id", "status"]].values.tolist()
        [['sub-001', 'ok']]
    """
    place, folder = as_path(scans), as_path(out)
    given: dict[str, Any] = dict(settings)
    prefer = list(given.pop("prefer", ()))
    series = SeriesChoice.parse(list(given.pop("dicom_series", ())))
    derived = bool(given.pop("from_derivatives", False))
    times = given.pop("session_times", None)
    longitudinal = bool(given.pop("longitudinal", False))
    chosen = checked(PreprocessSettings, _settings(given), "preprocess")
    asked = ScansAsked(
        place, list(participants), prefer, series, from_derivatives=derived
    )
    compared = longitudinal_asked(asked, None if times is None else as_path(times))
    found, chosen = found_with(asked, folder, chosen)
    refuse_empty(found, place)
    with working_on(found, folder):
        plan = plan_cohort(found, folder, chosen, retry_failed=retry_failed)
        if not redo:
            refuse_changes(plan.changes())
        ledger = run_plan(plan, engine=LocalEngine(workers))
        write_left_out(folder, found.left_out)
    if longitudinal:
        changes = compare_sessions(
            found, ledger, folder, chosen, compared, engine=LocalEngine(workers)
        )
    check_ledger(ledger, folder, found)
    if longitudinal:
        check_changes(changes, folder)
    return ledger


def _settings(given: Mapping[str, object]) -> dict[str, object]:
    """Bring settings to what `PreprocessSettings` takes: names become objects."""
    chosen = dict(given)
    if isinstance(name := chosen.get("registration"), str):
        chosen["registration"] = registration_named(name)
    if isinstance(own := chosen.get("template"), tuple | list) and len(own) == 3:
        t1w, mask, space = own
        chosen["template"] = own_template(as_path(t1w), as_path(mask), str(space))
    return chosen
