"""The RFCs, one a module: parse, check, name the error. Knows neither Flask nor SQL."""
