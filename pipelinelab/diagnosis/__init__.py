"""From a recording to its cause and cure. Pure: ``diagnose`` takes values, asks Questions, and gives a Diagnosis."""

from __future__ import annotations

from pipelinelab.diagnosis.explain import Explanation
from pipelinelab.diagnosis.pages import rule_page
from pipelinelab.diagnosis.reasoning import diagnose
from pipelinelab.diagnosis.rulebook import read_rules, rulebook, shipped
from pipelinelab.diagnosis.values import Cure, Diagnosis, Evidence, Finding, ProjectFiles

__all__ = [
    "Cure",
    "Diagnosis",
    "Evidence",
    "Explanation",
    "Finding",
    "ProjectFiles",
    "diagnose",
    "read_rules",
    "rule_page",
    "rulebook",
    "shipped",
]
