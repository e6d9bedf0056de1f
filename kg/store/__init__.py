"""A URL opens a store; the store keeps named graphs and answers SPARQL."""
