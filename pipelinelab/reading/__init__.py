"""From YAML text to the model, with problems that teach. Pure, but for ``api``, which opens the file."""
