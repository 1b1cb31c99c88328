"""Measure the product against baselines in the same run: `script/bench`."""
