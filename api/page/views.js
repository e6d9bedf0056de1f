// The parameters of an address enter; a view's elements leave.

import { ask, QUERIES } from "./data.js";
import { h, svg, to } from "./dom.js";
import { chip, claimCard, controls, figures, growing, source, statementItem, words } from "./parts.js";
import { chain, readArticle } from "./reader.js";
import { headline, layout } from "./text.js";

const list = (name, render, options) => async (filter) => {
  const used = Object.keys(filter).length ? filter : null;
  const first = (await ask(QUERIES[name], { filter: used }))[name];
  return { total: first.totalCount, element: growing(first, render, async (after) => (await ask(QUERIES[name], { after, filter: used }))[name], options) };
};

const plural = (count, one, many = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

async function home() {
  const { claims, any, articles } = await ask(QUERIES.home);
  const board = claims.nodes.length ? claims : any;
  return [
    h("section", { class: "hero" },
      h("h1", {}, "Who said what, on whose word"),
      h("p", { class: "lead" }, "Four outlets can carry one claim and have it from one person whom none of them names. Here every claim is followed back, link by link, to where it comes from.")),
    h("div", { class: "columns" },
      h("section", {}, h("div", { class: "section-head" }, h("h2", {}, claims.nodes.length ? "What most outlets carry" : "Claims"), h("a", { href: to("claims") }, `all ${any.totalCount.toLocaleString()}`)),
        board.nodes.length ? h("ul", { class: "board" }, board.nodes.map(claimCard)) : h("p", { class: "note" }, "There are no claims yet. Import articles with kg import; linking finds the claims.")),
      h("section", { class: "side" }, h("div", { class: "section-head" }, h("h2", {}, "Newest articles"), h("a", { href: to("articles") }, `all ${articles.totalCount.toLocaleString()}`)),
        controls("articles", [{ name: "text", label: "Search the articles", hint: "words in title or text", wide: true }]),
        articles.nodes.length ? h("ul", { class: "list" }, articles.nodes.map(articleItem)) : h("p", { class: "note" }, "There are no articles yet."))),
  ];
}

function articleItem(article) {
  return h("li", { class: "article-item" },
    h("a", { href: to("article", { id: article.id }) }, article.title ?? "Untitled"),
    h("p", { class: "where" }, article.outlet?.name ?? article.outletName ?? "unknown outlet", article.published?.edtf ? ` · ${article.published.edtf}` : "",
      article.statements ? ` · ${plural(article.statements.totalCount, "statement")}` : ""));
}

async function claims({ text, outlets, named, denied }) {
  const filter = {};
  if (text) filter.text = text;
  if (outlets) filter.minOutlets = Number(outlets);
  if (named === "none") filter.maxNamedRoots = 0;
  if (denied === "yes") filter.denied = true;
  const { total, element } = await list("claims", claimCard, { className: "board wide", empty: "No claim is like that." })(filter);
  return [
    title("Claims", "What is claimed, by how many outlets, on how many independent roots."),
    controls("claims", [
      { name: "text", label: "Words", value: text, hint: "in the claim or its statements", wide: true },
      { name: "outlets", label: "Outlets", value: outlets, options: [["", "any"], ["2", "2 or more"], ["3", "3 or more"], ["4", "4 or more"]] },
      { name: "named", label: "Roots", value: named, options: [["", "any"], ["none", "none named"]] },
      { name: "denied", label: "Denied", value: denied, options: [["", "either way"], ["yes", "by somebody"]] },
    ]), h("p", { class: "total" }, plural(total, "claim")), element];
}

async function articles({ text, outlet, from, until }) {
  const filter = {};
  if (text) filter.text = text;
  if (outlet) filter.outlet = { name: outlet };
  if (from || until) filter.published = { from: from || null, to: until || null };
  const { total, element } = await list("articles", articleItem, { empty: "No article is like that." })(filter);
  return [
    title("Articles", "Newest first. Open one to see its statements marked in the text."),
    controls("articles", [
      { name: "text", label: "Words", value: text, hint: "in title or text", wide: true },
      { name: "outlet", label: "Outlet", value: outlet },
      { name: "from", label: "From", value: from, type: "date" }, { name: "until", label: "To", value: until, type: "date" },
    ]), h("p", { class: "total" }, plural(total, "article")), element];
}

const ACTS = ["", "STATE", "REPORT", "ALLEGE", "DENY", "ADMIT", "AGREE", "REFUSE", "THREATEN", "WARN", "URGE", "ASK", "OFFER", "PROMISE", "SUGGEST", "BELIEVE", "DOUBT", "PREDICT", "CONFIRM", "CRITICIZE"];

async function statements({ text, speaker, act, mode, unnamed }) {
  const filter = {};
  if (text) filter.text = text;
  if (speaker) filter.speaker = { name: speaker };
  if (act) filter.act = [act];
  if (mode) filter.mode = [mode];
  if (unnamed === "yes") filter.root = { unnamed: true };
  const { total, element } = await list("statements", statementItem, { className: "statements", empty: "No statement is like that." })(filter);
  return [
    title("Statements", "Who said what, newest first."),
    controls("statements", [
      { name: "text", label: "Words", value: text, hint: "in what was said", wide: true },
      { name: "speaker", label: "Speaker", value: speaker, hint: "a name" },
      { name: "act", label: "Act", value: act, options: ACTS.map((one) => [one, one ? words(one) : "any"]) },
      { name: "mode", label: "Mode", value: mode, options: ["", "DIRECT", "INDIRECT", "MIXED"].map((one) => [one, one ? words(one) : "any"]) },
      { name: "unnamed", label: "Root", value: unnamed, options: [["", "any"], ["yes", "unnamed only"]] },
    ]), h("p", { class: "total" }, plural(total, "statement")), element];
}

async function actors({ name, kind }) {
  const filter = {};
  if (name) filter.name = name;
  if (kind) filter.kind = [kind];
  const item = (actor) => h("li", { class: "actor-item" }, h("p", {}, source(actor), " ", chip(words(actor.kind))),
    h("p", { class: "where" }, plural(actor.statements.totalCount, "statement"), actor.spellings.length > 1 ? ` · also ${actor.spellings.slice(1, 5).join(", ")}` : ""));
  const { total, element } = await list("actors", item, { className: "list two", empty: "No actor is like that." })(filter);
  return [
    title("Actors", "Named people, organisations, outlets, groups and states; the most quoted first."),
    controls("actors", [{ name: "name", label: "Name", value: name, hint: "any spelling", wide: true },
      { name: "kind", label: "Kind", value: kind, options: ["", "PERSON", "ORGANIZATION", "OUTLET", "GROUP", "PLACE"].map((one) => [one, one ? words(one) : "any"]) }]),
    h("p", { class: "total" }, plural(total, "actor")), element];
}

async function events({ text, status }) {
  const filter = {};
  if (text) filter.text = text;
  if (status) filter.status = [status];
  const item = (event) => h("li", { class: "event-item" }, h("a", { href: to("event", { id: event.id }) }, event.label ?? "untitled event"),
    h("p", { class: "where" }, when(event), event.place?.name ? ` · ${event.place.name}` : "", " ", event.statuses.map((one) => chip(words(one), `status-${words(one)}`)),
      ` ${plural(event.articles.length, "article")}`));
  const { total, element } = await list("events", item, { empty: "No event is like that." })(filter);
  return [
    title("Events", "What happened, was planned, alleged or denied; newest first."),
    controls("events", [{ name: "text", label: "Words", value: text, wide: true },
      { name: "status", label: "Status", value: status, options: ["", "ACTUAL", "REPORTED", "ALLEGED", "PLANNED", "DENIED", "HYPOTHETICAL"].map((one) => [one, one ? words(one) : "any"]) }]),
    h("p", { class: "total" }, plural(total, "event")), element];
}

const when = (event) => (!event.earliest ? "no date" : event.earliest === event.latest || !event.latest ? event.earliest : `${event.earliest} to ${event.latest}`);

async function event({ id }) {
  const { node } = await ask(QUERIES.event, { id });
  if (!node?.id) throw new Error("There is no such event here");
  return [
    title(node.label ?? "Event", null, "Event"),
    h("p", { class: "chips" }, chip(words(node.kind), "act"), node.statuses.map((one) => chip(words(one), `status-${words(one)}`)), chip(when(node)), chip(node.place?.name)),
    node.participants.length ? [h("h2", {}, "Who took part"), h("ul", { class: "plain" }, node.participants.map((one) => h("li", {}, source(one.actor), h("span", { class: "where" }, ` ${one.role ?? ""}`))))] : null,
    h("h2", {}, "Reported by"), h("ul", { class: "list" }, node.articles.map(articleItem)),
    h("h2", {}, "What is said about it"), node.statements.nodes.length ? h("ul", { class: "statements" }, node.statements.nodes.map(statementItem)) : h("p", { class: "note" }, "No statement speaks of it."),
  ];
}

async function sourceView({ id, act }) {
  const filter = act ? { act: [act] } : null;
  const { node } = await ask(QUERIES.source, { id, filter });
  if (!node?.statements) throw new Error("There is no such source here");
  const more = async (after) => (await ask(QUERIES.source, { id, after, filter })).node.statements;
  return [
    title(node.name ?? "A source", null, node.unnamed ? "Unnamed source" : words(node.kind)),
    node.unnamed ? h("p", { class: "note" }, "The text describes this source and does not name it. It stands for itself alone: the same words in another article may be another person. ",
      node.edition?.article ? h("a", { href: to("article", { id: node.edition.article.id }) }, node.edition.title ?? "its article") : null) : null,
    node.spellings.length > 1 ? [h("h2", {}, "Spellings"), h("p", { class: "chips" }, node.spellings.map((one) => chip(one)))] : null,
    node.roles.length ? [h("h2", {}, "Roles"), h("ul", { class: "roles" }, node.roles.map((role) => h("li", { class: `role ${words(role.status)}` },
      h("strong", {}, role.label), " ", chip(role.status === "EVALUATIVE" ? "a label, no office" : words(role.status)), role.count > 1 ? h("span", { class: "where" }, ` in ${role.count} editions`) : null)))] : null,
    h("div", { class: "section-head" }, h("h2", {}, "Statements"), h("span", { class: "total" }, plural(node.statements.totalCount, "statement"))),
    controls("source", [{ name: "id", label: "", type: "hidden", value: id }, { name: "act", label: "Act", value: act, options: ACTS.map((one) => [one, one ? words(one) : "any"]) }]),
    growing(node.statements, statementItem, more, { className: "statements", empty: "No statement of this source was found." }),
  ];
}

async function claim({ id }) {
  const { node } = await ask(QUERIES.claim, { id });
  if (!node?.independentRootCount) throw new Error("There is no such claim here");
  const denials = node.denials.nodes;
  return [
    title(node.label ?? "Claim", null, "Claim"),
    h("p", { class: "headline big" }, headline(node)),
    figures(node),
    h("section", {}, h("h2", {}, "From the outlets to the roots"),
      h("p", { class: "hint" }, "Outlets stand at the left; an arrow leads to whom each has it from. Dashed: the text does not name them, so two of them may be one."),
      tree(node.statements.nodes.map((statement) => statement.chain), new Set(node.roots.map((root) => root.id)))),
    h("section", {}, h("h2", {}, denials.length ? "Who denies it" : "Nobody denies it"), denials.length ? h("ul", { class: "statements denials" }, denials.map(statementItem)) : null),
    h("section", {}, h("h2", {}, "The exact words"), h("ul", { class: "statements" }, node.statements.nodes.map((statement) => h("li", { class: "statement-item with-chain" },
      statementItem(statement).childNodes.length ? [...statementItem(statement).childNodes] : null, h("details", {}, h("summary", {}, "On whose word"), chain(statement.chain)))))),
    node.statements.pageInfo.hasNextPage ? h("p", { class: "note" }, `${node.statements.totalCount - node.statements.nodes.length} more statements are not shown.`) : null,
  ];
}

/**
 * Draw the sources of a claim as columns with arrows; the chains below say the same in words. `counted` are the claim's
 * roots: a root of a chain that is not among them was found to be another one, told by an outlet that has it from there.
 */
function tree(chains, counted) {
  const links = chains.map((steps) => steps.map((step) => ({ id: step.source?.id ?? `nobody ${step.position}`, name: step.source?.name ?? step.describedAs ?? "nobody named",
    unnamed: step.source?.unnamed ?? true, publisher: step.position === 0, root: step === steps.at(-1), source: step.source,
    again: step === steps.at(-1) && counted.size > 0 && !counted.has(step.source?.id) })));
  const { nodes, edges, columns, rows } = layout(links);
  if (!nodes.length) return h("p", { class: "note" }, "No chain is known.");
  const [width, height, gapX, gapY] = [244, 52, 80, 18];
  const total = { width: columns * width + (columns - 1) * gapX, height: rows * (height + gapY) - gapY };
  const inColumn = new Map();
  for (const node of nodes) inColumn.set(node.column, (inColumn.get(node.column) ?? 0) + 1);
  const place = new Map(nodes.map((node) => {
    const free = total.height - (inColumn.get(node.column) * (height + gapY) - gapY);
    return [node.id, { x: node.column * (width + gapX), y: node.row * (height + gapY) + free / 2 }];
  }));
  const curves = edges.map(({ from, to: target }) => {
    const [a, b] = [place.get(from), place.get(target)];
    const [x1, y1, x2, y2] = [a.x + width, a.y + height / 2, b.x - 7, b.y + height / 2];
    const bend = Math.max(30, (x2 - x1) / 2);
    return svg("path", { d: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`, class: "edge", "marker-end": "url(#arrow)" });
  });
  const boxes = nodes.map((node) => {
    const { x, y } = place.get(node.id);
    const kind = ["node", node.source.unnamed ? "unnamed" : "", node.source.root ? "root" : "", node.source.publisher ? "publisher" : "", node.source.again ? "again" : ""].join(" ");
    const label = node.source.name.length > 26 ? `${node.source.name.slice(0, 25)}…` : node.source.name;
    const role = node.source.again && !node.source.publisher ? "counted with another root" : node.source.unnamed ? "unnamed root" : node.source.root ? "root, named" : node.source.publisher ? "outlet" : "passed it on";
    const box = svg("g", { class: kind, transform: `translate(${x},${y})` },
      svg("title", {}, node.source.name), svg("rect", { width, height, rx: 9 }),
      svg("text", { x: 14, y: 22, class: "name" }, label), svg("text", { x: 14, y: 40, class: "role" }, role));
    return node.source.source ? svg("a", { href: to("source", { id: node.source.source.id }) }, box) : box;
  });
  return h("div", { class: "tree", tabindex: "0", role: "group", "aria-label": "Sources of this claim" },
    svg("svg", { viewBox: `-2 -2 ${total.width + 4} ${total.height + 4}`, width: total.width + 4, height: total.height + 4, role: "img" },
      svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, svg("path", { d: "M0,0 L8,4 L0,8 z", class: "arrow" }))),
      curves, boxes));
}

async function statementView({ id }) {
  const { node } = await ask(QUERIES.statement, { id });
  if (!node?.article) throw new Error("There is no such statement here");
  return readArticle({ id: node.article.id, edition: node.edition?.id, statement: id });
}

const VIEW_OF = { Article: "article", Edition: "article", Statement: "statement", Claim: "claim", Event: "event", Actor: "source", Document: "source", UnnamedSource: "source" };

async function anyNode({ id }) {
  const { node } = await ask(QUERIES.node, { id });
  const view = VIEW_OF[node?.__typename];
  if (view) return VIEWS[view]({ id });
  throw new Error(node ? `A ${node.__typename} has no view of its own; ask for it in SPARQL` : "The store knows nothing of this IRI");
}

async function sparql({ query }) {
  const example = query ?? "PREFIX kg: <https://w3id.org/on-the-record/ns#>\n\n# Who denies what?\nSELECT ?who ?words WHERE {\n  ?statement kg:denies ?claim ; kg:saidBy/kg:name ?who ; kg:contentText ?words .\n}\nLIMIT 20";
  const box = h("textarea", { name: "query", rows: 10, spellcheck: "false", "aria-label": "SPARQL query" }, example);
  const out = h("div", { class: "results", "aria-live": "polite" });
  const run = async () => {
    out.replaceChildren("…");
    const response = await fetch("/sparql", { method: "POST", body: box.value, headers: { "content-type": "application/sparql-query", accept: "application/sparql-results+json, text/turtle;q=0.9" } });
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok) out.replaceChildren(h("p", { class: "note bad" }, (await response.json()).detail));
    else if (!type.includes("json")) out.replaceChildren(h("pre", {}, await response.text()));
    else out.replaceChildren(table(await response.json()));
  };
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.ctrlKey) run(); });
  return [title("SPARQL", "The graph behind this page. Without GRAPH a query sees every fact once."),
    h("div", { class: "console" }, box, h("p", {}, h("button", { type: "button", onclick: run }, "Run (Ctrl-Enter)"))), out];
}

function table(answer) {
  if ("boolean" in answer) return h("p", { class: "headline big" }, answer.boolean ? "Yes." : "No.");
  const names = answer.head.vars;
  const cell = (term) => (!term ? "" : term.type === "uri" ? h("a", { href: to("node", { id: term.value }) }, term.value) : term.value);
  return h("div", { class: "scroll" }, h("p", { class: "total" }, plural(answer.results.bindings.length, "row")), h("table", {},
    h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, answer.results.bindings.map((row) => h("tr", {}, names.map((name) => h("td", {}, cell(row[name]))))))));
}

function title(text, lead, kicker = null) {
  return h("header", { class: "view-head" }, kicker ? h("p", { class: "kicker" }, kicker) : null, h("h1", {}, text), lead ? h("p", { class: "lead" }, lead) : null);
}

export const VIEWS = { "": home, claims, articles, statements, actors, events, event, claim, sparql, article: readArticle, statement: statementView, source: sourceView, node: anyNode };
