"""What the server that forks has ready for every scan."""

import sys

from crosswarp.preprocessing import ready
from crosswarp.preprocessing.cohort import WORK
from crosswarp.preprocessing.head_size import template_skull
from crosswarp.registration import template
from crosswarp.running.run import PRELOADED


def test_a_scan_reads_nothing_again_that_the_server_holds() -> None:
    template._loaded.cache_clear()
    template_skull.cache_clear()
    ready.make_ready()
    assert "torch._dynamo" in sys.modules
    caches = template._loaded, template_skull
    held = [cache.cache_info().misses for cache in caches]
    assert template.load_template(1).resolution == 1
    assert template.load_template(2, None).resolution == 2
    template_skull(None)
    assert [cache.cache_info().misses for cache in caches] == held


def test_the_server_has_it_ready_for_cohorts_and_studies() -> None:
    assert ready.__name__ in WORK.preloaded
    assert ready.__name__ in PRELOADED["preprocess"]
