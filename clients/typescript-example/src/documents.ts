// Every operation of this program; graphql-codegen types them by the schema and hashes them.
import { graphql } from "./gql/index.js";

export const Claims = graphql(/* GraphQL */ `
  query Claims($first: Int!, $after: Cursor) {
    claims(first: $first, after: $after) {
      totalCount
      nodes {
        id
        label
        outlets {
          name
        }
        independentRootCount {
          low
          high
        }
        namedRootCount
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const Said = graphql(/* GraphQL */ `
  query Said($name: String!) {
    statements(first: 10, filter: { speaker: { name: $name } }) {
      nodes {
        id
        text
        act
        speaker {
          name
        }
        chain {
          position
          source {
            name
          }
        }
      }
    }
  }
`);

export const Annotate = graphql(/* GraphQL */ `
  mutation Annotate($input: AnnotationInput!) {
    annotate(input: $input) {
      __typename
      ... on AnnotationRecorded {
        annotation {
          note
          decidedBy
        }
      }
      ... on WriteRefused {
        message
        violations {
          path
          message
        }
      }
    }
  }
`);

export const Imported = graphql(/* GraphQL */ `
  subscription Imported($since: ID) {
    articleImported(since: $since) {
      id
      change
      article {
        outlet {
          name
        }
      }
    }
  }
`);

export const Added = graphql(/* GraphQL */ `
  subscription Added($since: ID, $filter: StatementFilter) {
    statementAdded(since: $since, filter: $filter) {
      id
      statement {
        text
      }
    }
  }
`);
