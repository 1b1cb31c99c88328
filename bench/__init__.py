"""Measures the product beside baselines in the same run: `script/bench`."""
