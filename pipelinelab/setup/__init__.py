"""Setting the lab up: finding the engine, building the images, reading pipelinelab.toml, and saying what is missing."""
