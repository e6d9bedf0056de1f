// A GraphQL document enters, its data leave.

export async function ask(query, variables = {}, signal = undefined) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json, application/json" },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const answer = await response.json();
  if (answer.errors?.length) throw new Error(answer.errors.map((error) => error.message).join("; "));
  if (answer.detail) throw new Error(answer.detail);
  return answer.data;
}

const SOURCE = "__typename id name kind unnamed";
const BOARD = `id label outletCount statementCount denialCount namedRootCount independentRootCount { low high }`;
const TIME = "edtf earliest latest resolution";
const CHAIN = `chain { position act certainty describedAs source { ${SOURCE} } evidence { exact start end } }`;
const SHORT = `id text act mode polarity certainty stance
  speaker { ${SOURCE} } outlet { id name } article { id title published { edtf } } saidOn { edtf }`;
const PAGE = "pageInfo { hasNextPage endCursor } totalCount";

export const QUERIES = {
  home: `{ claims(first: 8, filter: { minOutlets: 2 }) { totalCount nodes { ${BOARD} outlets { id name } } }
    any: claims(first: 8) { totalCount nodes { ${BOARD} outlets { id name } } }
    articles(first: 12) { totalCount nodes { id title outletName outlet { id name } published { edtf } } } }`,
  claims: `query ($after: Cursor, $filter: ClaimFilter) {
    claims(first: 20, after: $after, filter: $filter) { ${PAGE} nodes { ${BOARD} outlets { id name } } } }`,
  articles: `query ($after: Cursor, $filter: ArticleFilter) { articles(first: 30, after: $after, filter: $filter) {
    ${PAGE} nodes { id title outletName outlet { id name } published { edtf } statements(first: 1) { totalCount } } } }`,
  statements: `query ($after: Cursor, $filter: StatementFilter) {
    statements(first: 20, after: $after, filter: $filter) { ${PAGE} nodes { ${SHORT} } } }`,
  actors: `query ($after: Cursor, $filter: SourceFilter) { actors(first: 40, after: $after, filter: $filter) {
    ${PAGE} nodes { ${SOURCE} spellings statements(first: 1) { totalCount } } } }`,
  events: `query ($after: Cursor, $filter: EventFilter) { events(first: 30, after: $after, filter: $filter) {
    ${PAGE} nodes { id label kind statuses earliest latest place { name } articles { id title } } } }`,
  article: `query ($id: ID!) { node(id: $id) { __typename ... on Article { id title outletName authors url language
      outlet { id name } published { ${TIME} } edition { id }
      editions { id sha256 title revises { id } copyOf { id article { id title outlet { name } } } } }
    ... on Edition { article { id } } } }`,
  edition: `query ($id: ID!) { node(id: $id) { ... on Edition {
    id sha256 text zones { start end zone } run { reader version model } } } }`,
  editionStatements: `query ($id: ID!, $after: Cursor) { node(id: $id) { ... on Edition {
    statements(first: 40, after: $after) { ${PAGE} nodes {
      id text act mode polarity certainty modality stance confidence rule
      speaker { ${SOURCE} } addressee { ${SOURCE} } saidOn { ${TIME} }
      content { start end } quoted { start end exact } cue { start end exact } speakerSpan { start end exact }
      ${CHAIN} claim { ${BOARD} } embeddedIn { id text }
      relations { id relation basis declared certainty by { ${SOURCE} } evidence { exact }
        from { id text speaker { name } outlet { name } } to { id text speaker { name } outlet { name } } } } } } } }`,
  statement: `query ($id: ID!) { node(id: $id) { ... on Statement { id article { id } edition { id } } } }`,
  source: `query ($id: ID!, $after: Cursor, $filter: StatementFilter) { node(id: $id) { ... on Source { ${SOURCE} spellings roles { label status count evidence { exact edition { id title } } }
      ... on UnnamedSource { number edition { id title article { id } } }
      statements(first: 20, after: $after, filter: $filter) { ${PAGE} nodes { ${SHORT} } } } } }`,
  claim: `query ($id: ID!) { node(id: $id) { ... on Claim { ${BOARD} outlets { id name } roots { ${SOURCE} }
    statements(first: 60) { ${PAGE} nodes { ${SHORT} quoted { exact } ${CHAIN} } }
    denials(first: 30) { ${PAGE} nodes { ${SHORT} quoted { exact } ${CHAIN} } } } } }`,
  event: `query ($id: ID!) { node(id: $id) { ... on Event { id label kind statuses earliest latest
    place { name } participants { role actor { ${SOURCE} } } articles { id title outlet { name } published { edtf } }
    statements(first: 50) { ${PAGE} nodes { ${SHORT} } } } } }`,
  node: "query ($id: ID!) { node(id: $id) { __typename } }",
};
