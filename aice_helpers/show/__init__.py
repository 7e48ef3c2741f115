"""Words, display tables, figures: views of result tables, the only place that formats and speaks."""
