// An edition's text and its spans enter; stretches to draw leave. Pure functions, without the document.

/**
 * Return a function from code points to UTF-16 units. The graph counts code points (Web Annotation), JavaScript
 * strings count UTF-16 units: "🛥" is one of the first and two of the second.
 */
export function unitsOf(text) {
  const astral = []; // code point offsets of characters that take two units
  let point = 0;
  for (let unit = 0; unit < text.length; unit += 1, point += 1) {
    const code = text.charCodeAt(unit);
    if (code >= 0xd800 && code <= 0xdbff && unit + 1 < text.length) {
      const next = text.charCodeAt(unit + 1);
      if (next >= 0xdc00 && next <= 0xdfff) {
        astral.push(point);
        unit += 1;
      }
    }
  }
  return (offset) => {
    let low = 0;
    let high = astral.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (astral[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return offset + low;
  };
}

/**
 * Cut a text into stretches that lie wholly inside or outside of each span.
 * spans: [{start, end, ...}] in code points. Returns [{text, start, end, spans}] in text order, covering all of it;
 * `spans` of a stretch are those that cover it, the longest first. Spans out of bounds are cut to the text.
 */
export function stretches(text, spans) {
  const unit = unitsOf(text);
  const length = [...text].length;
  const known = spans
    .map((span) => ({ ...span, from: Math.max(0, Math.min(span.start, length)), to: Math.max(0, Math.min(span.end, length)) }))
    .filter((span) => span.from < span.to);
  const cuts = [...new Set([0, length, ...known.flatMap((span) => [span.from, span.to])])].sort((a, b) => a - b);
  const opening = new Map();
  for (const span of known) {
    if (!opening.has(span.from)) opening.set(span.from, []);
    opening.get(span.from).push(span);
  }
  let open = [];
  const found = [];
  for (let i = 0; i + 1 < cuts.length; i += 1) {
    const [start, end] = [cuts[i], cuts[i + 1]];
    open = open.filter((span) => span.to > start).concat(opening.get(start) ?? []);
    open.sort((a, b) => b.to - b.from - (a.to - a.from));
    found.push({ text: text.slice(unit(start), unit(end)), start, end, spans: [...open] });
  }
  return found;
}

const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

export function inWords(number) {
  return WORDS[number] ?? String(number);
}

/** Say the headline of a claim: "Four outlets, two to three sources, none of them named." */
export function headline(claim) {
  const { low, high } = claim.independentRootCount;
  const outlets = `${inWords(claim.outletCount)} outlet${claim.outletCount === 1 ? "" : "s"}`;
  const count = low === high ? inWords(low) : `${inWords(low)} to ${inWords(high)}`;
  const sources = `${count} source${high === 1 ? "" : "s"}`;
  const named = claim.namedRootCount;
  const names =
    high === 0 ? ""
    : high === 1 ? (named === 0 ? ", not named" : ", named")
    : named === 0 ? ", none of them named"
    : named >= high ? ", all of them named"
    : `, ${inWords(named)} of them named`;
  const denied = claim.denialCount ? `; denied ${claim.denialCount === 1 ? "once" : `${inWords(claim.denialCount)} times`}` : "";
  const sentence = `${outlets}, ${sources}${names}${denied}.`;
  return sentence[0].toUpperCase() + sentence.slice(1);
}

/** Return an address that may be linked to, or null: only http and https. */
export function safeHref(address) {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Lay out the sources of a claim: chains ([{id, …}], publisher first) enter; columns leave, the outlets at the left,
 * what was told to them further right. A source that stands in several chains is one node, right of all that cite it.
 * Returns {nodes: [{id, column, row, source}], edges: [{from, to}], columns}.
 */
export function layout(chains) {
  const column = new Map();
  const source = new Map();
  const edges = new Map();
  for (const chain of chains) {
    chain.forEach((link, i) => {
      source.set(link.id, { ...source.get(link.id), ...link });
      if (!column.has(link.id)) column.set(link.id, 0);
      const next = chain[i + 1];
      if (next && next.id !== link.id) edges.set(`${link.id}\n${next.id}`, { from: link.id, to: next.id });
    });
  }
  // Longest paths; as many rounds as there are nodes, so that a circle ends.
  for (let round = 0; round < column.size; round += 1) {
    let moved = false;
    for (const { from, to } of edges.values()) {
      const wanted = column.get(from) + 1;
      if (column.get(to) < wanted && wanted < column.size) {
        column.set(to, wanted);
        moved = true;
      }
    }
    if (!moved) break;
  }
  const used = [...new Set(column.values())].sort((a, b) => a - b);
  const rows = new Map();
  const nodes = [...column].map(([id, place]) => {
    const at = used.indexOf(place);
    const row = rows.get(at) ?? 0;
    rows.set(at, row + 1);
    return { id, column: at, row, source: source.get(id) };
  });
  return { nodes, edges: [...edges.values()], columns: used.length, rows: Math.max(0, ...rows.values()) };
}
