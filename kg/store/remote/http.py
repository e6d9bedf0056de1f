"""A query or an update enters; the server's answer, or an error in its own words, leaves."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2 as httpx

from kg.errors import KgError, QueryError, StoreError, UsageError
from kg.store.remote.address import Address, loopback
from kg.store.remote.engines import ENGINES, Engine, named, recognised

RESULTS = "application/sparql-results+json"
TRIPLES = "application/n-triples"


class Server:
    """A SPARQL 1.1 server (https://www.w3.org/TR/sparql11-protocol/). May be used from several threads."""

    def __init__(self, address: Address) -> None:
        """Ask the server who it is. Raises StoreError when it does not answer, UsageError for an unknown engine."""
        self.name = address.name
        self._address = address
        self._client = _client(address)
        chosen = named(address.engine) if address.engine else None
        if address.engine and chosen is None:
            known = ", ".join(engine.name for engine in ENGINES)
            raise UsageError(f"{self.name}: there is no engine {address.engine!r}; there are {known}")
        self.engine: Engine = chosen or recognised(self._who())
        self.update_url = address.update or self.engine.update_at(address.query)

    def query(self, sparql: str, *, accept: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """Send a query and return the answer's bytes. Raises QueryError where it is the query's fault, else StoreError.

        Always as a form: Virtuoso never answers a POST of application/sparql-query.
        """
        answer = self._post(self._address.query, {"query": sparql, **(parameters or {})}, accept)
        if cut := answer.headers.get("x-sparql-maxrows"):
            raise StoreError(
                f"{self.name} cuts answers off at {cut} rows; raise ResultSetMaxRows in its virtuoso.ini to 1000000000"
            )
        if answer.headers.get("x-sql-state"):
            words = answer.headers.get("x-sql-message", "it ran out of time")
            raise StoreError(f"{self.name} answered in part only: {words}; raise MaxQueryExecutionTime in virtuoso.ini")
        return answer.content

    def update(self, sparql: str) -> None:
        """Send an update. Raises QueryError or StoreError; whether something was changed: see ``engine.atomic``."""
        self._post(self.update_url, {"update": sparql}, "*/*")

    def replace(self, graph: str, ntriples: bytes) -> None:
        """Replace a graph by the Graph Store Protocol: PUT, or DELETE where nothing is left of it."""
        assert self._address.graphs is not None
        method, content = ("PUT", ntriples) if ntriples else ("DELETE", None)
        # Turtle, of which N-Triples is a part: Virtuoso knows no application/n-triples here.
        answer = self._send(
            method,
            self._address.graphs,
            params={"graph-uri" if self.engine.name == "virtuoso" else "graph": graph},
            content=content,
            headers={"content-type": "text/turtle; charset=utf-8"},
        )
        if not answer.is_success and not (method == "DELETE" and answer.status_code == 404):
            raise self._error(answer)

    @property
    def by_graph(self) -> bool:
        """Tell whether graphs are replaced by the Graph Store Protocol, as the address wants."""
        return self._address.graphs is not None

    def close(self) -> None:
        self._client.close()

    def _who(self) -> str:
        answer = self._post(self._address.query, {"query": "ASK { }"}, RESULTS)
        if "fuseki-request-id" in answer.headers:
            return "jena"
        return str(answer.headers.get("server", ""))

    def _post(self, url: str, form: Mapping[str, str], accept: str) -> httpx.Response:
        answer = self._send("POST", url, data=dict(form), headers={"accept": accept})
        if not answer.is_success:
            raise self._error(answer)
        return answer

    def _send(self, method: str, url: str, **more: object) -> httpx.Response:
        try:
            return self._client.request(method, url, **more)  # type: ignore[arg-type]
        except httpx.TimeoutException as error:
            raise StoreError(
                f"{self.name} did not answer in {self._address.seconds:g} seconds; ask for less, or add #seconds=…"
            ) from error
        except (httpx.HTTPError, ssl.SSLError) as error:
            raise StoreError(f"{self.name} can't be reached: {error}; is the server running?") from error

    def _error(self, answer: httpx.Response) -> KgError:
        words = _words(answer.text)
        status = answer.status_code
        if status in (401, 403):
            return StoreError(
                f"{self.name} does not let us in ({status}): {words}; set KG_STORE_USER and "
                "KG_STORE_PASSWORD, or KG_STORE_TOKEN"
            )
        if status in (400, 422) and re.search(self.engine.syntax, words):
            return QueryError(f"The query is not SPARQL 1.1: {words}")
        if status in (400, 422) or re.search(self.engine.fault, words, re.IGNORECASE):
            return QueryError(f"{self.name} refuses this: {words}")
        if 300 <= status < 400:
            return StoreError(
                f"{self.name} has moved to {answer.headers.get('location', 'elsewhere')}; use that address"
            )
        if status in (404, 405):
            return StoreError(f"{self.name} answers {status}: {words}; is this the address of its SPARQL endpoint?")
        return StoreError(f"{self.name} answers {status}: {words}")


def _client(address: Address) -> httpx.Client:
    auth: httpx.Auth | None = None
    if address.user and address.password is not None:
        auth = (httpx.DigestAuth if address.auth == "digest" else httpx.BasicAuth)(address.user, address.password)
    headers = {"user-agent": "on-the-record"}
    if address.token:
        headers["authorization"] = f"Bearer {address.token}"
    return httpx.Client(
        auth=auth,
        headers=headers,
        timeout=httpx.Timeout(address.seconds, connect=min(10.0, address.seconds)),
        # A redirect would carry the data and the password to an address that nobody chose.
        follow_redirects=False,
        trust_env=not loopback(urlsplit(address.query).hostname or ""),
    )


def _words(text: str) -> str:
    """Return an error's own words on one line: Virtuoso repeats the whole query behind them."""
    text = " ".join(text.partition("SPARQL query:")[0].split())
    return text if len(text) <= 400 else f"{text[:400]} …"
