"""One test file for each page of the specification: what neither the vectors nor the tests of the parts show."""
