"""The interface is as its description says, whatever is asked of it."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from crosswarp.execution.work import Work
from crosswarp.viewer.settings import ServeSettings
from tests.viewer.conftest import LIMITS, Served, scan_bytes, start
from tests.viewer.quick import refuse

EXAMPLES = 8


@pytest.fixture(scope="module")
def asked(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose jobs end at once."""
    jobs = tmp_path_factory.mktemp("asked")
    served = start(ServeSettings(bundle, jobs, limits=LIMITS), work=Work(refuse))
    yield served
    served.stop()


def test_the_description_has_every_route_and_loads_nothing(asked: Served) -> None:
    described = asked.client.get("/api/openapi.json").json()
    assert len(described["paths"]) >= 14
    for path, methods in described["paths"].items():
        assert path.startswith("/api/")
        for method in methods.values():
            assert method["summary"]
            assert "422" in method["responses"]
    assert asked.client.get("/docs").status_code == 404


@pytest.mark.slow
def test_every_route_answers_as_it_is_described(asked: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{asked.address}/api/openapi.json")
    # Ids are drawn at random, so that sound requests lead to 404 as well.
    passed_over = [
        positive_data_acceptance,
        negative_data_rejection,
        unsupported_method,
    ]
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(excluded_checks=passed_over)

        ask()
        tried += 1
    assert tried >= 15


def test_what_fails_at_once_is_told(asked: Served) -> None:
    sent = asked.send("sub-1.nii.gz", gzip.compress(scan_bytes()))
    job = asked.ended(sent.json()["id"])
    assert job["state"] == "failed"
    assert "a job that is refused" in job["reason"]
    for path in ("view", "maps/preproc.nii.gz", "all.zip"):
        answer = asked.client.get(f"/api/jobs/{job['id']}/{path}")
        assert (answer.status_code, "there is no result" in answer.text) == (409, True)
