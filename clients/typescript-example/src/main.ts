// Asks one server through five clients, and a second one, which answers trusted documents only, by their hashes.
//   SERVER=http://127.0.0.1:8000 TOKEN=kg_… TRUSTED=http://127.0.0.1:8001 npm start
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client/core";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { Client as UrqlClient, cacheExchange, fetchExchange } from "@urql/core";
import { print } from "graphql";
import { GraphQLClient } from "graphql-request";
import { createClient as createStream } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";
import { WebSocket } from "ws";

import { Added, Annotate, Claims, Imported, Said } from "./documents.js";

const server = required("SERVER");
const trusted = required("TRUSTED");
const token = required("TOKEN");
const endpoint = `${server}/graphql`;
const authorization = `Bearer ${token}`;

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

function check(condition: unknown, words: string): asserts condition {
  if (!condition) throw new Error(words);
}

async function withUrql(): Promise<string> {
  const client = new UrqlClient({ url: endpoint, exchanges: [cacheExchange, fetchExchange], preferGetMethod: false });
  const ask = async (after: string | null) => {
    const result = await client.query(Claims, { first: 1, after }).toPromise();
    if (result.error) throw result.error;
    check(result.data, "urql got no page");
    return result.data.claims;
  };
  const labels: string[] = [];
  let page = await ask(null);
  for (;;) {
    labels.push(...page.nodes.map((claim) => `${claim.label ?? "?"}: ${claim.outlets.length}`));
    if (!page.pageInfo.hasNextPage) {
      check(labels.length === page.totalCount, "the pages do not add up to totalCount");
      return `${labels.length} claims`;
    }
    page = await ask(page.pageInfo.endCursor ?? null);
  }
}

async function withApollo(): Promise<string> {
  const client = new ApolloClient({
    link: new HttpLink({ uri: endpoint, headers: { authorization } }),
    cache: new InMemoryCache(),
  });
  const { data } = await client.query({ query: Said, variables: { name: "stranne" } });
  const statement = data?.statements.nodes[0];
  check(statement, "Apollo got no statement");
  const written = await client.mutate({
    mutation: Annotate,
    variables: { input: { node: statement.id, note: "Heard in full.", reason: "The desk asked." } },
  });
  const result = written.data?.annotate;
  check(result?.__typename === "AnnotationRecorded", "the note was not recorded");
  const refused = await client.mutate({
    mutation: Annotate,
    variables: { input: { node: statement.id, note: " ", reason: "The desk asked." } },
  });
  const refusal = refused.data?.annotate;
  check(refusal?.__typename === "WriteRefused", "a blank note was taken");
  return `noted by ${result.annotation.decidedBy}; ${refusal.violations.length} violation`;
}

async function withRequest(): Promise<string> {
  const client = new GraphQLClient(endpoint);
  const { statements } = await client.request(Said, { name: "stranne" });
  const chain = statements.nodes[0]?.chain.map((step) => step.source?.name ?? "?");
  check(chain, "graphql-request got no chain");
  return chain.join(" -> ");
}

async function withSocket(): Promise<string> {
  const client = createSocket({ url: endpoint.replace(/^http/, "ws"), webSocketImpl: WebSocket });
  const outlets: string[] = [];
  let since = "0";
  // Each event is taken on a connection of its own, behind the last one: nothing is lost and nothing comes twice.
  for (let n = 0; n < 2; n += 1) {
    const events = client.iterate<typeof Imported extends TypedDocumentNode<infer R, never> ? R : never>({
      query: print(Imported),
      variables: { since },
    });
    for await (const event of events) {
      check(event.data, JSON.stringify(event.errors));
      since = event.data.articleImported.id;
      outlets.push(event.data.articleImported.article?.outlet?.name ?? "?");
      break;
    }
  }
  await client.dispose();
  return outlets.join(", ");
}

type Told = { statementAdded: { id: string; statement: { text: string } } };
const NEWS = { query: print(Added), variables: { since: "0", filter: { speaker: { name: "stranne" } } } };

/** A stream for this operation alone. */
async function withStream(): Promise<string> {
  const client = createStream({ url: `${server}/graphql/stream` });
  const texts: string[] = [];
  for await (const event of client.iterate<Told>(NEWS)) {
    check(event.data, JSON.stringify(event.errors));
    texts.push(event.data.statementAdded.statement.text);
    if (texts.length === 2) break;
  }
  client.dispose();
  return `${texts.length} statements`;
}

/** One stream for all operations of a page: browsers open few to one HTTP/1 server. */
async function withSharedStream(): Promise<string> {
  const client = createStream<true>({ url: `${server}/graphql/stream`, singleConnection: true });
  const two = async (): Promise<number> => {
    let seen = 0;
    for await (const event of client.iterate<Told>(NEWS)) {
      check(event.data, JSON.stringify(event.errors));
      if (++seen === 2) break;
    }
    return seen;
  };
  const seen = await Promise.all([two(), two(), two()]);
  client.dispose();
  return `${seen.join(" + ")} statements`;
}

/** Execute a document by its hash: its text never travels. */
async function byHash<Result, Variables>(
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const hash: unknown = (document as { __meta__?: Record<string, unknown> }).__meta__?.["hash"];
  check(typeof hash === "string", "codegen put no hash into the document");
  const response = await fetch(`${trusted}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ documentId: hash, variables }),
  });
  const answer = (await response.json()) as { data?: Result; errors?: unknown };
  check(response.ok && answer.data, JSON.stringify(answer.errors));
  return answer.data;
}

async function withHashes(): Promise<string> {
  const { claims } = await byHash(Claims, { first: 2 });
  const stranger = await fetch(`${trusted}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  check(stranger.status === 403, `a document that is not trusted got ${stranger.status}`);
  return `${claims.totalCount} claims; a stranger's document is refused`;
}

const told: Record<string, string> = {};
for (const [name, run] of Object.entries({
  urql: withUrql,
  apollo: withApollo,
  "graphql-request": withRequest,
  "graphql-ws": withSocket,
  "graphql-sse": withStream,
  "graphql-sse, one stream": withSharedStream,
  persisted: withHashes,
})) {
  told[name] = await run();
}
console.log(JSON.stringify(told, null, 1));
process.exit(0);
