// An edition and its statements enter; the text with its marks and the panel that explains a mark leave.

import { ask, QUERIES } from "./data.js";
import { h, outside, replace, to } from "./dom.js";
import { chips, figures, source, words } from "./parts.js";
import { stretches } from "./text.js";

/** Show an article: its newest edition, or the one that a statement stands in. */
export async function readArticle({ id, edition: wanted, statement: selected }) {
  const { node } = await ask(QUERIES.article, { id });
  if (node?.__typename === "Edition") return readArticle({ id: node.article?.id, edition: id, statement: selected });
  if (node?.__typename !== "Article") throw new Error("There is no such article here");
  const chosen = wanted ?? node.edition?.id;
  const [{ node: edition }, statements] = await Promise.all([ask(QUERIES.edition, { id: chosen }), allStatements(chosen)]);
  const reader = new Reader(node, edition, statements);
  reader.select(statements.findIndex((statement) => statement.id === selected), { scroll: Boolean(selected) });
  return reader.element;
}

async function allStatements(id) {
  const found = [];
  let after = null;
  do {
    const { node } = await ask(QUERIES.editionStatements, { id, after });
    found.push(...node.statements.nodes);
    after = node.statements.pageInfo.hasNextPage ? node.statements.pageInfo.endCursor : null;
  } while (after);
  return found;
}

class Reader {
  constructor(article, edition, statements) {
    this.article = article;
    this.edition = edition;
    this.statements = statements;
    this.panel = h("aside", { class: "panel", "aria-live": "polite", "aria-label": "The marked statement" });
    this.text = h("div", { class: "text", lang: article.language ?? null });
    this.draw();
    this.element = h("article", { class: "reader" }, h("div", { class: "page" }, this.head(), this.legend(), this.text), this.panel);
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.showList();
  }

  head() {
    const { article, edition } = this;
    const mine = article.editions.find((one) => one.id === edition.id);
    const others = article.editions.filter((one) => one.id !== edition.id);
    return h(
      "header", { class: "article-head" },
      h("p", { class: "kicker" },
        article.outlet ? h("a", { href: to("source", { id: article.outlet.id }) }, article.outlet.name) : article.outletName ?? "unknown outlet",
        article.published?.edtf ? h("span", { class: "date" }, ` · ${article.published.edtf}`) : " · no date"),
      h("h1", {}, article.title ?? "Untitled"),
      article.authors.length ? h("p", { class: "byline" }, `By ${article.authors.join(", ")}`) : null,
      article.url ? h("p", { class: "where" }, outside(article.url)) : null,
      mine?.copyOf ? h("p", { class: "note" }, "A copy of ",
        h("a", { href: to("article", { id: mine.copyOf.article?.id, edition: mine.copyOf.id }) }, mine.copyOf.article?.outlet?.name ?? "another edition"), ". Copies count once.") : null,
      others.length ? h("p", { class: "note" }, "Other editions: ", others.map((one, i) => [
        i ? ", " : "", h("a", { href: to("article", { id: article.id, edition: one.id }) }, one.sha256.slice(0, 8)),
        one.revises?.id === edition.id ? " (corrects this one)" : mine?.revises?.id === one.id ? " (corrected by this one)" : ""])) : null,
    );
  }

  legend() {
    return h("ul", { class: "legend", "aria-label": "What the marks mean" },
      h("li", {}, h("span", { class: "mark mode-direct" }, "direct")),
      h("li", {}, h("span", { class: "mark mode-indirect" }, "indirect")),
      h("li", {}, h("span", { class: "mark mode-mixed" }, "mixed")),
      h("li", {}, h("span", { class: "mark mode-indirect denial" }, "denied")),
      h("li", {}, h("span", { class: "zone" }, "not the story")),
      h("li", { class: "count" }, `${this.statements.length} statement${this.statements.length === 1 ? "" : "s"}`));
  }

  draw() {
    const spans = this.statements.flatMap((statement, index) => [
      ...statement.content.map((span) => ({ ...span, index, part: "content" })),
      ...(statement.cue ? [{ ...statement.cue, index, part: "cue" }] : []),
      ...(statement.speakerSpan ? [{ ...statement.speakerSpan, index, part: "speaker" }] : []),
    ]);
    const zones = this.edition.zones.map((zone) => ({ ...zone, part: "zone" }));
    const first = new Set();
    this.marks = [];
    const pieces = stretches(this.edition.text, [...spans, ...zones]).map((piece) => {
      const zone = piece.spans.find((span) => span.part === "zone");
      const content = piece.spans.filter((span) => span.part === "content");
      const parts = piece.spans.filter((span) => span.part === "cue" || span.part === "speaker");
      if (!zone && !content.length && !parts.length) return document.createTextNode(piece.text);
      const classes = [];
      if (zone) classes.push("zone");
      const inner = content.at(-1) ?? parts.at(-1); // the shortest statement here is the one that a click means
      if (content.length) {
        const statement = this.statements[inner.index];
        classes.push("mark", `mode-${words(statement.mode)}`);
        if (content.length > 1) classes.push("nested");
        if (statement.stance === "DENIES" || statement.act === "DENY") classes.push("denial");
        if (!statement.speaker || statement.speaker.unnamed) classes.push("of-unnamed");
      }
      classes.push(...new Set(parts.map((span) => span.part)));
      const element = h("span", { class: classes.join(" "), title: zone ? words(zone.zone) : null }, piece.text);
      if (inner) {
        element.dataset.index = inner.index;
        // One stop of the Tab key for each statement: its first stretch.
        if (content.length && !first.has(inner.index)) {
          first.add(inner.index);
          element.tabIndex = 0;
          element.setAttribute("role", "button");
          element.setAttribute("aria-label", `Statement: ${this.statements[inner.index].text}`);
        }
        element.addEventListener("click", () => this.select(inner.index));
      }
      for (const span of [...content, ...parts]) this.marks.push({ element, index: span.index });
      return element;
    });
    replace(this.text, pieces);
  }

  onKey(event) {
    const mark = event.target.closest?.("[data-index]");
    if (mark && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.select(Number(mark.dataset.index));
    } else if (event.key === "Escape") {
      this.select(-1);
    }
  }

  select(index, { scroll = false } = {}) {
    this.selected = index;
    for (const mark of this.marks) mark.element.classList.remove("selected");
    for (const mark of this.marks) if (mark.index === index) mark.element.classList.add("selected");
    if (index < 0) this.showList();
    else this.showStatement(index);
    if (scroll) {
      const target = this.marks.find((mark) => mark.index === index)?.element;
      requestAnimationFrame(() => target?.scrollIntoView({ block: "center" }));
    }
  }

  showList() {
    replace(this.panel, h("h2", {}, "Statements"),
      this.statements.length ? h("p", { class: "hint" }, "Choose one, here or in the text, to see on whose word it stands.")
        : h("p", { class: "note" }, "No statement was found in this edition."),
      h("ol", { class: "statement-list" }, this.statements.map((statement, index) => h("li", {},
        h("button", { type: "button", onclick: () => this.select(index, { scroll: true }) },
          h("span", { class: "who" }, statement.speaker?.name ?? "nobody named"),
          h("span", { class: `words mode-${words(statement.mode)}` }, statement.text))))));
  }

  showStatement(index) {
    const statement = this.statements[index];
    const step = (by, text) => h("button", { type: "button", disabled: !this.statements[index + by],
      onclick: () => this.select(index + by, { scroll: true }) }, text);
    replace(this.panel,
      h("p", { class: "stepper" }, step(-1, "← Previous"), h("span", {}, `${index + 1} of ${this.statements.length}`), step(1, "Next →"),
        h("button", { type: "button", onclick: () => this.select(-1) }, "All")),
      h("p", { class: "who big" }, source(statement.speaker)),
      chips(statement),
      h("blockquote", { class: `words mode-${words(statement.mode)}` }, statement.text),
      facts([
        ["to", statement.addressee ? source(statement.addressee) : null],
        ["said on", statement.saidOn?.edtf ? `${statement.saidOn.edtf} (${words(statement.saidOn.resolution)})` : null],
        ["inside of", statement.embeddedIn ? h("a", { href: to("statement", { id: statement.embeddedIn.id }) }, statement.embeddedIn.text) : null],
      ]),
      h("h3", {}, "On whose word"), chain(statement.chain),
      statement.claim ? [h("h3", {}, statement.stance === "DENIES" ? "It denies" : "It is one voice for"), h("div", { class: "claim-box" },
        h("a", { href: to("claim", { id: statement.claim.id }) }, statement.claim.label), figures(statement.claim))] : null,
      statement.relations.length ? [h("h3", {}, "Other statements"), h("ul", { class: "relations" }, statement.relations.map((one) => relation(one, statement)))] : null,
      this.proof(statement));
  }

  proof(statement) {
    const places = (spans) => spans.map((span) => `${span.start}–${span.end}`).join(", ");
    const run = this.edition.run;
    return h("details", { class: "proof" }, h("summary", {}, "Proof"),
      facts([
        ["content", h("code", {}, places(statement.content))],
        ["inside marks", statement.quoted.length ? h("code", {}, places(statement.quoted)) : null],
        ["cue", statement.cue ? h("span", {}, `“${statement.cue.exact}” `, h("code", {}, places([statement.cue]))) : null],
        ["speaker as written", statement.speakerSpan ? h("span", {}, `“${statement.speakerSpan.exact}” `, h("code", {}, places([statement.speakerSpan]))) : null],
        ["rule", statement.rule ? h("code", {}, statement.rule) : null],
        ["confidence", statement.confidence?.toFixed(2)],
        ["reader", run ? `${run.reader} ${run.version}${run.model ? `, ${run.model}` : ""}` : null],
        ["text’s SHA-256", h("code", { class: "hash" }, this.edition.sha256)],
        ["IRI", h("code", { class: "hash" }, statement.id)],
      ]),
      h("p", { class: "hint" }, "Places are Unicode code points of the edition’s text, the end not included."));
  }
}

function facts(rows) {
  const known = rows.filter(([, value]) => value);
  return known.length ? h("dl", { class: "facts" }, known.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))) : null;
}

/** The chain of attribution, from the publisher to the root. */
export function chain(steps) {
  return h("ol", { class: "chain" }, steps.map((step, i) => h(
    "li", { class: [step.source?.unnamed ? "unnamed" : "", i === steps.length - 1 ? "root" : ""].join(" ") },
    h("div", { class: "link" }, source(step.source, step.describedAs), i === steps.length - 1 ? h("span", { class: "tag root-tag" }, "root") : null),
    h("div", { class: "how" },
      step.act === "UNSPECIFIED" ? "" : words(step.act),
      step.evidence ? [" · ", h("q", {}, step.evidence.exact)] : null,
      step.certainty && step.certainty !== "CERTAIN" ? [" · ", h("em", {}, words(step.certainty))] : null,
      step.describedAs && step.source?.name && step.describedAs !== step.source.name ? ` · as “${step.describedAs}”` : null))));
}

function relation(one, statement) {
  const other = one.from && one.from.id !== statement.id ? one.from : one.to && one.to.id !== statement.id ? one.to : null;
  return h("li", {},
    h("span", { class: `chip ${one.relation === "CONTRADICTS" || one.relation === "IN_TENSION_WITH" ? "no" : ""}` }, words(one.relation)), " ",
    other ? [h("a", { href: to("statement", { id: other.id }) }, other.text), h("span", { class: "where" }, ` ${other.speaker?.name ?? "nobody named"}${other.outlet ? `, in ${other.outlet.name}` : ""}`)] : null,
    one.by.length ? [" by ", one.by.map((who, i) => [i ? ", " : "", source(who)])] : null,
    one.evidence ? [" ", h("q", {}, one.evidence.exact)] : null,
    h("span", { class: "where" }, one.declared ? " · the article says so" : ` · found by rule (${words(one.basis)})`));
}
