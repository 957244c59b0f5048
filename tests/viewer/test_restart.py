"""Jobs outlive the server, and their files do not outlive their time."""

import gzip
import time
from pathlib import Path

import pytest

from crosswarp.errors import LockedError
from crosswarp.files import write_json
from crosswarp.locks import locked
from crosswarp.study.names import JOB, SERVER
from crosswarp.viewer.jobs import LOST, OUT, RAW, Job, JobStore, Step
from crosswarp.viewer.queue import STARTS
from crosswarp.viewer.serve import address, serve
from crosswarp.viewer.settings import ServeSettings
from crosswarp.viewer.steps import USUAL, begun, seconds_left, usual_seconds
from tests.viewer.conftest import LIMITS, scan_bytes, start
from tests.viewer.quick import SLOW


@pytest.mark.slow
def test_a_running_job_is_begun_again_after_a_restart(
    bundle: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "crosswarp.serve")
    settings = ServeSettings(bundle, tmp_path, limits=LIMITS)
    first = start(settings)
    name = f"{SLOW}_T1w.nii.gz"
    job_id = first.send(name, gzip.compress(scan_bytes())).json()["id"]
    waiting = first.send("sub-1.nii.gz", gzip.compress(scan_bytes())).json()["id"]
    first.wait(job_id, ("running",))
    first.stop()
    store = JobStore(tmp_path)
    assert [job.state for job in store.all()] == ["waiting", "running"]
    half = store.add("sub-2", "compact_jsm", "uploading")
    again = start(settings)
    assert again.wait(job_id, ("running",))["state"] == "running"
    kept = again.context.store.get(job_id)
    assert kept is not None
    assert kept.starts == 2
    assert f"job {job_id}: taken up again" in caplog.text
    assert again.client.get(f"/api/jobs/{half.id}").status_code == 404
    for each in (waiting, job_id):
        again.client.delete(f"/api/jobs/{each}")
    again.stop()
    assert JobStore(tmp_path).all() == []


def test_a_job_that_ends_the_server_is_given_up(bundle: Path, tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    job = store.add("sub-1", "compact_jsm", "running")
    store.keep(job.model_copy(update={"starts": STARTS}))
    served = start(ServeSettings(bundle, tmp_path, limits=LIMITS))
    ended = served.ended(job.id)
    served.stop()
    assert ended["state"] == "failed"
    assert "begun 3 times, and the server ended each time" in ended["reason"]


def test_a_scan_that_is_gone_is_said_to_be(bundle: Path, tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    gone = store.add("sub-1", "compact_jsm", "waiting")
    other = store.add("sub-1", "another", "waiting")
    served = start(ServeSettings(bundle, tmp_path, limits=LIMITS))
    reasons = [served.ended(one.id)["reason"] for one in (gone, other)]
    served.stop()
    assert "the scan is not there any longer" in reasons[0]
    assert "another is not served any longer" in reasons[1]


def test_files_are_deleted_after_their_time(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    old, new, half = (store.add(f"sub-{n}", "m", "uploading") for n in range(3))
    for job in (old, new):
        store.change(job.id, state="done")
    for job, changed in ((old, {"ended": 1.0}), (half, {"created": 1.0})):
        kept = store.get(job.id)
        assert kept is not None
        store.keep(kept.model_copy(update=changed))
    assert sorted(store.sweep(60.0)) == sorted([old.id, half.id])
    assert [job.id for job in store.all()] == [new.id]
    assert not store.place(old).exists()
    # What is no job's is left alone.
    write_json(tmp_path / "other" / "job.json", {"id": "another"})
    assert [job.id for job in JobStore(tmp_path).all()] == [new.id]


def test_a_job_that_has_ended_stays_as_it_is(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    job = store.add("sub-1", "m", "waiting")
    raw = store.place(job) / RAW
    raw.mkdir()
    store.change(job.id, state="cancelled")
    changed = store.change(job.id, state="done")
    assert changed is not None
    assert changed.state == "cancelled"
    store.remove_raw(job)
    assert not raw.exists()
    assert store.change("unknown", state="done") is None
    assert store.claim() is None


def job_of(*steps: Step, state: str = "running") -> Job:
    return Job(id="a", state=state, label="sub-1", model="m", created=0.0, steps=steps)


def test_the_time_that_is_left_is_what_earlier_jobs_took() -> None:
    now = time.time()
    job = job_of(Step(name="registration", started=now - 10))
    assert seconds_left(job_of(state="waiting"), []) is None
    stated = seconds_left(job, [])
    assert stated == pytest.approx(sum(USUAL.values()) - 10, abs=1)
    assert usual_seconds([job]) == USUAL
    earlier = [
        job_of(
            Step(name="registration", started=0, seconds=seconds),
            Step(name="report", started=0, seconds=2.0),
            state="done",
        )
        for seconds in (30.0, 40.0, 90.0)
    ]
    assert seconds_left(job, earlier) == pytest.approx(32, abs=1)
    later = job.model_copy(update={"steps": begun(job, "report")})
    assert later.steps[0].seconds == pytest.approx(10, abs=1)
    assert begun(later, "report") == later.steps
    assert seconds_left(later, earlier) == pytest.approx(2, abs=1)


def test_two_servers_share_no_folder(bundle: Path, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    settings = ServeSettings(bundle, jobs, port=0)
    with locked(jobs):
        import threading

        raised: list[BaseException] = []

        def second() -> None:
            try:
                serve(settings, print)
            except LockedError as error:
                raised.append(error)

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(raised) == 1


def test_the_address_names_what_a_browser_can_open() -> None:
    assert address("::1", 80, None) == "http://[::1]:80/"
    assert "0.0.0.0" not in address("0.0.0.0", 80, "t")
    assert address("127.0.0.1", 80, "t") == "http://127.0.0.1:80/?token=t"


@pytest.mark.parametrize(
    "content", [b"", b'{"id": "', b"null", b"[[[[", b'{"state": "done"}', None]
)
def test_a_job_without_a_sound_record_has_failed(
    tmp_path: Path, content: bytes | None
) -> None:
    store = JobStore(tmp_path)
    job = store.add("sub-1", "m", "waiting")
    (store.place(job) / RAW).mkdir()
    record = store.place(job) / JOB
    record.unlink() if content is None else record.write_bytes(content)
    for _ in range(2):
        [told] = JobStore(tmp_path).all()
        assert (told.id, told.state, told.reason) == (job.id, "failed", LOST)
    again = JobStore(tmp_path)
    assert again.sweep(-1.0) == [job.id]
    assert not store.place(job).exists()


def test_a_record_of_another_job_is_not_taken(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    one, other = (store.add(f"sub-{n}", "m", "waiting") for n in range(2))
    record = (store.place(one) / JOB).read_bytes()
    (store.place(other) / JOB).write_bytes(record)
    states = {job.id: job.state for job in JobStore(tmp_path).all()}
    assert states == {one.id: "waiting", other.id: "failed"}


def test_what_was_begun_or_deleted_by_half_is_no_job(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    (tmp_path / ("0" * 32)).mkdir()
    job = store.add("sub-1", "m", "waiting")
    store.delete(job.id)
    # The process of a deleted job may write until it is ended.
    (store.place(job) / OUT).mkdir(parents=True)
    store.remove_raw(job)
    assert JobStore(tmp_path).all() == []
    assert [path.name for path in tmp_path.iterdir()] == [SERVER]
