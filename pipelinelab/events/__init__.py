"""What happens in a run, as values; and the columns of every DataFrame. Pure: imports nothing of pipelinelab."""
