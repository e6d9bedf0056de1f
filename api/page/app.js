// The address enters (#/view?parameters); the view it names is shown.

import { h, replace } from "./dom.js";
import { VIEWS } from "./views.js";

const main = document.getElementById("main");
let turn = 0;

async function show() {
  const mine = ++turn;
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
  const view = VIEWS[path];
  main.setAttribute("aria-busy", "true");
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.getAttribute("href") === `#/${path}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  let content;
  try {
    if (!view) throw new Error("There is no such view");
    content = await view(Object.fromEntries(new URLSearchParams(search ?? "")));
  } catch (error) {
    content = h("p", { class: "note bad", role: "alert" }, `${error.message}. `, h("a", { href: "#/" }, "Back to the beginning"));
  }
  if (mine !== turn) return; // a later click was faster
  replace(main, ...[content].flat());
  main.removeAttribute("aria-busy");
  const heading = main.querySelector("h1")?.textContent;
  document.title = heading && path ? `${heading} · On the Record` : "On the Record";
  if (!main.querySelector(".selected")) window.scrollTo(0, 0);
}

async function state() {
  const response = await fetch("/health");
  if (!response.ok) return;
  const found = await response.json();
  document.getElementById("state").textContent =
    `${found.editions.toLocaleString()} editions · ${found.statements.toLocaleString()} statements · ${found.claims.toLocaleString()} claims · generation ${found.generation}`;
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the hash is the address of the view
  main.focus();
});
window.addEventListener("hashchange", show);
show();
state().catch(() => {}); // the foot of the page stays empty
