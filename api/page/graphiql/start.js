// Starts GraphiQL on this server's own endpoint; needs React, ReactDOM and GraphiQL as globals.
"use strict";

const EXAMPLE = `# Who stands behind a claim? Press the triangle (Ctrl-Enter) to run it.
{
  claims(first: 3) {
    totalCount
    nodes {
      label
      outletCount
      outlets { name }
      independentRootCount { low high }
      namedRootCount
      roots { name unnamed }
      denials { nodes { text speaker { name } } }
      statements(first: 5) {
        nodes { text chain { position act describedAs } }
      }
    }
  }
}
`;

async function fetcher(parameters) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

ReactDOM.render(
  React.createElement(GraphiQL, { fetcher, defaultQuery: EXAMPLE, headerEditorEnabled: false }),
  document.getElementById("graphiql"),
);
