"""Test reports: the bytes of a report in, test cases out. ``read`` finds out by itself what it was given. Pure."""

from __future__ import annotations

from pipelinelab.reports.case import FAILING, OUTCOMES, ReportRefused, TestCase
from pipelinelab.reports.quiet import unnamed
from pipelinelab.reports.sniff import kind_of, read

__all__ = ["FAILING", "OUTCOMES", "ReportRefused", "TestCase", "kind_of", "read", "unnamed"]
