"""The numbers behind the Data page's views of a data set."""
