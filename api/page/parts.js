// Sources, statements and claims enter; the small parts that several views share leave.

import { h, to } from "./dom.js";
import { headline } from "./text.js";

export const words = (value) => (value ? value.toLowerCase().replaceAll("_", " ") : "");

/** A source by name: a link for named ones; an unnamed one is set apart by its look and its words. */
export function source(who, described = null) {
  if (!who) return h("span", { class: "source nobody" }, described ?? "nobody named");
  const name = who.name ?? described ?? "a source";
  return h(
    "a",
    { class: who.unnamed ? "source unnamed" : "source", href: to("source", { id: who.id }) },
    name,
    who.unnamed ? h("span", { class: "tag" }, "unnamed") : null,
  );
}

export function chip(text, kind = "") {
  return text ? h("span", { class: `chip ${kind}` }, text) : null;
}

/** How a statement was made: act, mode, and what is not as usual. */
export function chips(statement) {
  return h(
    "span",
    { class: "chips" },
    chip(words(statement.act), statement.act === "DENY" || statement.act === "REFUSE" ? "no" : "act"),
    chip(words(statement.mode), `mode-${words(statement.mode)}`),
    statement.polarity === "NEGATIVE" ? chip("negative", "no") : null,
    statement.certainty && statement.certainty !== "CERTAIN" ? chip(words(statement.certainty), "hedged") : null,
  );
}

/** One statement in a list, with the way into its article. */
export function statementItem(statement) {
  return h(
    "li",
    { class: "statement-item" },
    h("p", { class: "who" }, source(statement.speaker), chips(statement)),
    h("blockquote", { class: `words mode-${words(statement.mode)}` },
      h("a", { href: inArticle(statement) }, statement.text)),
    h("p", { class: "where" },
      statement.outlet ? h("a", { href: to("source", { id: statement.outlet.id }) }, statement.outlet.name) : null,
      statement.article ? h("span", {}, " · ", statement.article.title ?? "untitled") : null,
      statement.article?.published?.edtf ? h("span", { class: "date" }, ` · ${statement.article.published.edtf}`) : null,
    ),
  );
}

export function inArticle(statement) {
  return to("statement", { id: statement.id });
}

/** The counts of a claim: outlets, roots, named, denials. */
export function figures(claim) {
  const { low, high } = claim.independentRootCount;
  return h(
    "dl",
    { class: "figures" },
    figure(claim.outletCount, claim.outletCount === 1 ? "outlet" : "outlets"),
    figure(low === high ? low : `${low}–${high}`, high === 1 ? "root" : "roots"),
    figure(claim.namedRootCount, "named", high > 0 && claim.namedRootCount === 0 ? "alarm" : ""),
    figure(claim.denialCount, claim.denialCount === 1 ? "denial" : "denials", claim.denialCount ? "no" : ""),
  );
}

function figure(value, label, kind = "") {
  return h("div", { class: `figure ${kind}` }, h("dt", {}, label), h("dd", {}, String(value)));
}

export function claimCard(claim) {
  return h(
    "li",
    { class: "claim-card" },
    h("h3", {}, h("a", { href: to("claim", { id: claim.id }) }, claim.label ?? "untitled claim")),
    h("p", { class: "headline" }, headline(claim)),
    figures(claim),
    h("p", { class: "outlets" }, claim.outlets.map((outlet) => h("span", { class: "outlet" }, outlet.name))),
  );
}

/** A list that grows: shows pages of a connection until there are no more. */
export function growing(first, render, more, { empty = "Nothing here.", className = "list" } = {}) {
  const list = h("ul", { class: className });
  const foot = h("p", { class: "more" });
  const show = (connection) => {
    list.append(...connection.nodes.map(render));
    foot.replaceChildren();
    if (connection.pageInfo.hasNextPage) {
      const button = h("button", { type: "button" }, "Show more");
      button.addEventListener("click", async () => {
        button.disabled = true;
        try {
          show(await more(connection.pageInfo.endCursor));
        } catch (error) {
          foot.replaceChildren(`That did not work: ${error.message}`);
        }
      });
      foot.append(button);
    }
  };
  show(first);
  if (!list.children.length) return h("p", { class: "note" }, empty);
  return h("div", {}, list, foot);
}

/** A row of controls that rewrites the address: each field is a parameter of the view. */
export function controls(view, fields) {
  const form = h("form", { class: "controls", role: "search" }, fields.map((field) => h(
    "label", { class: field.wide ? "wide" : "" }, h("span", {}, field.label),
    field.options
      ? h("select", { name: field.name }, field.options.map(([value, text]) => h("option", { value, selected: value === (field.value ?? "") }, text)))
      : h("input", { name: field.name, type: field.type ?? "search", value: field.value ?? "", placeholder: field.hint ?? "", min: field.min }),
  )), fields.some((field) => !field.options && field.type !== "hidden") ? h("button", { type: "submit" }, "Search") : null);
  const go = () => {
    location.hash = to(view, Object.fromEntries(new FormData(form))).slice(1);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  form.addEventListener("change", (event) => {
    if (event.target.tagName === "SELECT") go();
  });
  return form;
}
