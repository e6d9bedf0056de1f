"""The doors of the store over HTTP: SPARQL, GraphQL, named questions, graphs, data IRIs and a page."""
