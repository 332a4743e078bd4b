"""A pytest plugin: with it, whatever was skipped counts as failed. `run.py test --complete` loads it."""

from __future__ import annotations

from collections.abc import Generator

import pytest


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why it was skipped, as pytest recorded it."""
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome == "skipped":
        reason = getattr(report, "wasxfail", None) or _reason(report)
        report.outcome = "failed"
        report.longrepr = f"--complete lets nothing be skipped: {reason}"
        report.__dict__.pop("wasxfail", None)  # else it would be reported as an expected failure


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None]:
    outcome = yield
    _fail_if_skipped(outcome.get_result())


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None]:
    outcome = yield
    _fail_if_skipped(outcome.get_result())
