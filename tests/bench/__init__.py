"""How long the pages take, beside a floor measured in the same run: `make bench`."""
