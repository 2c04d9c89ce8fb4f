// The tree with JavaScript: what is below a concept is loaded where it stands, and arrow keys walk (ARIA practices:
// tree view). Without it every toggle is a link to the page of that branch.
for (const tree of document.querySelectorAll("[data-tree]")) walk(tree);

function walk(tree) {
  const { lang, release, label, failed, loading } = tree.dataset;
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-label", label);
  prepare(tree, tree);
  tree.querySelector("[role=treeitem]").tabIndex = 0;
  const keys = document.getElementById("tree-keys");
  if (keys) { keys.hidden = false; tree.setAttribute("aria-describedby", keys.id); }

  function prepare(list) {
    for (const item of list.children) {
      item.setAttribute("role", "treeitem");
      item.tabIndex = -1;
      const name = item.querySelector(".concept");
      name.id ||= `node-${item.dataset.uuid}-${Math.random().toString(36).slice(2, 8)}`;
      item.setAttribute("aria-labelledby", name.id);
      if (Number(item.dataset.children)) item.setAttribute("aria-expanded", "false");
      for (const link of item.querySelectorAll("a")) link.tabIndex = -1;
      const toggle = item.querySelector("a.toggle");
      toggle?.setAttribute("aria-hidden", "true");
    }
  }

  function row(node) {
    const item = document.createElement("li");
    item.dataset.uuid = node.uuid;
    item.dataset.children = String(node.children);
    const line = document.createElement("div");
    line.className = "node";
    const toggle = document.createElement(node.children ? "a" : "span");
    toggle.className = node.children ? "toggle" : "toggle none";
    if (node.children) {
      toggle.href = `/tree?${new URLSearchParams({ parent: node.uuid, ...(release && { release }) })}`;
      toggle.innerHTML = '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="m7 10 5 5 5-5"/></svg>';
    }
    line.append(toggle);
    if (node.code) line.append(part("span", "code", node.code), " ");
    const name = part("a", node.status === "deprecated" ? "concept deprecated" : "concept", node.label || node.code || node.uuid);
    name.href = `${release ? `/r/${release.split("/").map(encodeURIComponent).join("/")}` : ""}/c/${node.uuid}`;
    line.append(name);
    if (node.children) line.append(" ", part("span", "count", node.children.toLocaleString(lang)));
    item.append(line);
    return item;
  }

  function part(kind, name, text) {
    const made = document.createElement(kind);
    made.className = name;
    made.textContent = text;
    return made;
  }

  async function open(item) {
    item.setAttribute("aria-expanded", "true");
    let group = item.querySelector(":scope > ul");
    if (group) { group.hidden = false; return; }
    const waiting = part("div", "status", loading);
    item.append(waiting);
    try {
      const nodes = [];
      let cursor = "";
      do {
        const query = new URLSearchParams({ parent: item.dataset.uuid, lang, limit: "1000", ...(release && { release }), ...(cursor && { cursor }) });
        const answer = await fetch(`/api/v1/tree?${query}`);
        if (!answer.ok) throw new Error(String(answer.status));
        const page = await answer.json();
        nodes.push(...page.items);
        cursor = page.next;
      } while (cursor);
      group = document.createElement("ul");
      group.setAttribute("role", "group");
      group.append(...nodes.map(row));
      prepare(group);
      item.append(group);
      waiting.remove();
    } catch {
      waiting.textContent = failed;
      waiting.setAttribute("role", "alert");
      setTimeout(() => waiting.remove(), 4000);
      item.setAttribute("aria-expanded", "false");
    }
  }

  function close(item) {
    item.setAttribute("aria-expanded", "false");
    const group = item.querySelector(":scope > ul");
    if (group) group.hidden = true;
  }

  function focus(item) {
    tree.querySelector('[role=treeitem][tabindex="0"]')?.setAttribute("tabindex", "-1");
    item.tabIndex = 0;
    item.focus();
  }

  function seen() {
    return [...tree.querySelectorAll("[role=treeitem]")].filter((item) => !item.parentElement.closest("[hidden]"));
  }

  tree.addEventListener("click", (event) => {
    const toggle = event.target.closest("a.toggle");
    if (!toggle || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const item = toggle.closest("[role=treeitem]");
    focus(item);
    if (item.getAttribute("aria-expanded") === "true") close(item); else open(item);
  });

  tree.addEventListener("keydown", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const expanded = item.getAttribute("aria-expanded");
    const all = seen();
    const place = all.indexOf(item);
    if (event.key === "ArrowDown") { if (all[place + 1]) focus(all[place + 1]); }
    else if (event.key === "ArrowUp") { if (all[place - 1]) focus(all[place - 1]); }
    else if (event.key === "Home") focus(all[0]);
    else if (event.key === "End") focus(all[all.length - 1]);
    else if (event.key === "ArrowRight") {
      if (expanded === "false") open(item);
      else if (expanded === "true") { const first = item.querySelector(":scope > ul > li"); if (first) focus(first); }
    } else if (event.key === "ArrowLeft") {
      if (expanded === "true") close(item);
      else { const above = item.parentElement.closest("[role=treeitem]"); if (above) focus(above); }
    } else if (event.key === "Enter") location.assign(item.querySelector(".concept").href);
    else if (event.key.length === 1 && /\S/.test(event.key)) {
      const wanted = event.key.toLocaleLowerCase(lang);
      const after = [...all.slice(place + 1), ...all.slice(0, place + 1)];
      const found = after.find((each) => each.querySelector(".concept").textContent.toLocaleLowerCase(lang).startsWith(wanted));
      if (found) focus(found);
    } else return;
    event.preventDefault();
  });
}
