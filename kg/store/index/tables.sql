-- The tables that do not depend on the kinds; those of each kind are made from definitions.py (layout.py).
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
-- Every node of the data: its properties as JSON, references as ids of this table.
CREATE TABLE node (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, doc BLOB);
CREATE TABLE property (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
-- Ties between nodes: subject, property, object; and those that are followed backwards.
CREATE TABLE edge (s INTEGER, p INTEGER, o INTEGER, PRIMARY KEY (s, p, o)) WITHOUT ROWID;
CREATE TABLE edge_back (o INTEGER, p INTEGER, s INTEGER, PRIMARY KEY (o, p, s)) WITHOUT ROWID;
CREATE TABLE edition_text (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
-- Counts over all nodes of a kind; under a filter they are counted when asked for. ``sort`` orders equal counts: the IRI
-- of a node, nothing for values that are sorted themselves. The facet without a name counts all nodes.
CREATE TABLE facet (kind TEXT, name TEXT, value, n INTEGER, sort TEXT, PRIMARY KEY (kind, name, value)) WITHOUT ROWID;
