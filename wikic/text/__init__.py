"""Text: folding, analysis, the search index and its scoring. Knows neither the store nor the web."""
