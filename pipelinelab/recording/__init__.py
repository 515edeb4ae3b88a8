"""The run folder, downloaded Bitbucket logs, and the DataFrames made of either."""
