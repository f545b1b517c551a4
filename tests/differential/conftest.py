"""Says at the end of a run what was compared with the reference, or why nothing was."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each module; one for the reason where the reference could not be had."""
    lines = []
    reasons = set()
    for outcome in ("passed", "failed", "skipped"):
        for report in terminalreporter.getreports(outcome):
            if "tests/differential/" not in report.nodeid:
                continue
            lines += [str(value) for name, value in report.user_properties if name == "differential"]
            if outcome == "skipped" and isinstance(report.longrepr, tuple):
                reasons.add(report.longrepr[2].removeprefix("Skipped: "))
    if lines or reasons:
        terminalreporter.section("differential test")
    for line in sorted(lines):
        terminalreporter.write_line(line)
    for reason in sorted(reasons):
        terminalreporter.write_line(f"SKIPPED: {reason}", yellow=True)
