"""One file a page: read inputs, call one function, draw."""
