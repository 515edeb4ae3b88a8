"""Which tests are flaky, in which way, and how sure is that? Outcomes in, verdicts with intervals out. Pure."""
