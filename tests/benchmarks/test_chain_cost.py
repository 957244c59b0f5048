"""The table of costs counts every call once, and knows the chain's steps."""

from benchmarks.chain_cost import STEPS, Meter, forget_peak, peak_mb


def test_every_step_is_a_function_of_the_chain() -> None:
    for step, module, names in STEPS:
        assert all(callable(getattr(module, name)) for name in names), step


def test_a_call_inside_another_counts_for_that_one() -> None:
    meter = Meter()
    inner = meter.watched("inner", lambda: bytes(50_000_000).count(1))
    outer = meter.watched("outer", lambda: inner() + 1)
    assert outer() == 1
    assert meter.costs["inner"].seconds == 0
    assert meter.costs["outer"].seconds > 0
    inner()
    assert meter.costs["inner"].seconds > 0
    assert meter.costs["inner"].peak_mb > 50


def test_the_largest_memory_is_forgotten() -> None:
    # Written to: memory that is only promised counts for nothing.
    big = bytearray(b"x") * 200_000_000
    high = peak_mb()
    del big
    forget_peak()
    assert peak_mb() < high - 150
