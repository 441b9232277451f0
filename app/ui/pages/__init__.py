"""One folder a page, with the parts that only it uses."""
