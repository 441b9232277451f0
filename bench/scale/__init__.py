"""10^8 records a day on AWS, by simulation; see docs/scale.md."""
