"""``python -m pipelinelab``."""

from pipelinelab.cli import main

main()
