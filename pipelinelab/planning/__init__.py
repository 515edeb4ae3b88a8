"""From the model and a choice to a Plan: order, variables, memory, conditions. Pure."""
