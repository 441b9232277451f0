"""Test a model: records, metrics, calibration and the threshold curve."""
