"""A GraphQL document enters; the rows it asks for leave, with a number of store queries that does not grow with rows."""
