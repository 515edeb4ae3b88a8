"""Charts: a frame in, a ``Chart`` out, which is a figure and one sentence that holds the data's values. Pure."""

from pipelinelab.charts.before_after import before_after
from pipelinelab.charts.characters import characters
from pipelinelab.charts.chart import Chart
from pipelinelab.charts.database import collations, row_counts
from pipelinelab.charts.durations import durations
from pipelinelab.charts.heatmap import heatmap
from pipelinelab.charts.listening import where_it_listens
from pipelinelab.charts.onsets import onsets
from pipelinelab.charts.orders import by_position, ran_after
from pipelinelab.charts.ranked import ranked
from pipelinelab.charts.timeline import timeline

__all__ = [
    "Chart", "before_after", "by_position", "characters", "collations", "durations", "heatmap", "onsets", "ran_after",
    "ranked", "row_counts", "timeline", "where_it_listens",
]  # fmt: skip
