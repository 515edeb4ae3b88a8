"""The one room that composes: a plan, an engine, a recording and diagnosis."""
