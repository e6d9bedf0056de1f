import type { CodegenConfig } from "@graphql-codegen/cli";

// The schema is the committed one: code can be generated without a server.
const config: CodegenConfig = {
  schema: "../../docs/schema.graphql",
  documents: ["src/documents.ts"],
  emitLegacyCommonJSImports: false,
  importExtension: ".js",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // Writes persisted-documents.json: {"<sha256>": "<document>"}, which the server takes as KG_DOCUMENTS.
        persistedDocuments: { hashAlgorithm: "sha256" },
      },
      config: {
        strictScalars: true,
        scalars: { Cursor: "string", Date: "string", DateTime: "string" },
        useTypeImports: true,
        enumsAsTypes: true,
      },
    },
  },
};

export default config;
