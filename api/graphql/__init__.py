"""A GraphQL document enters; rows leave, with a number of store queries that does not grow with them."""
