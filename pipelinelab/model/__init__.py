"""The bitbucket-pipelines.yml format as frozen dataclasses. Pure: imports nothing of pipelinelab."""
