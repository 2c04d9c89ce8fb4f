// What every page gains from JavaScript: copy buttons, suggestions, menus that close. All works without.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const said = button.querySelector("span");
  const plain = said.textContent;
  said.setAttribute("aria-live", "polite");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    said.textContent = button.dataset.copied;
    setTimeout(() => { said.textContent = plain; }, 2000);
  });
}

for (const menu of document.querySelectorAll("details.release-switch")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
}

// Suggestions as you type: a combobox with a list box (ARIA practices 1.2).
let boxes = 0;
for (const field of document.querySelectorAll("[data-suggest]")) suggest(field);

function suggest(field) {
  const input = field.querySelector("input[type=search]");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  const { lang, release } = field.dataset;
  let items = [], chosen = -1, asking = null, timer = 0;
  list.id = `suggestions-${++boxes}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.list);
  list.hidden = true;
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  field.append(list, status);

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(number) {
    chosen = number;
    [...list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === number)));
    if (number < 0) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", list.children[number].id);
    list.children[number].scrollIntoView({ block: "nearest" });
  }

  function nameOf(item) {
    const names = item.preferred_label;
    return names[lang] ?? names.fr ?? names.en ?? Object.values(names)[0] ?? item.code ?? item.uuid;
  }

  function go(item) {
    location.assign(`${release ? `/r/${release.split("/").map(encodeURIComponent).join("/")}` : ""}/c/${item.uuid}`);
  }

  function show() {
    list.replaceChildren(...items.map((item, number) => {
      const row = document.createElement("li");
      row.id = `${list.id}-${number}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      const name = document.createElement("span");
      name.append(...marked(item.label));
      name.lang = item.label.lang;
      const more = document.createElement("span");
      more.className = "soft";
      const shown = nameOf(item);
      more.textContent = [shown === item.label.value ? "" : shown, item.code].filter(Boolean).join(" · ");
      row.append(name, " ", more);
      row.addEventListener("mousedown", (event) => event.preventDefault());
      row.addEventListener("click", () => go(item));
      return row;
    }));
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
    status.textContent = field.dataset.count.replace("{n}", String(items.length));
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const text = input.value.trim();
    asking?.abort();
    if (text.length < 2) { items = []; close(); return; }
    asking = new AbortController();
    const query = new URLSearchParams({ q: text, limit: "8" });
    if (release) query.set("release", release);
    try {
      const answer = await fetch(`/api/v1/suggest?${query}`, { signal: asking.signal });
      if (!answer.ok) { items = []; close(); return; }
      items = (await answer.json()).items.map((item) => ({ ...item, label: item.label ?? { value: nameOf(item), lang, marks: [] } }));
      if (document.activeElement === input) show();
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  input.addEventListener("blur", () => { asking?.abort(); close(); });
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" && open) choose((chosen + 1) % items.length);
    else if (event.key === "ArrowUp" && open) choose(chosen <= 0 ? items.length - 1 : chosen - 1);
    else if (event.key === "Escape" && open) close();
    else if (event.key === "Enter" && open && chosen >= 0) go(items[chosen]);
    else return;
    event.preventDefault();
  });
}

function marked(label) {
  const parts = [];
  const letters = [...label.value];
  let last = 0;
  for (const [start, end] of label.marks ?? []) {
    if (start < last || end > letters.length) continue;
    const mark = document.createElement("mark");
    mark.textContent = letters.slice(start, end).join("");
    parts.push(letters.slice(last, start).join(""), mark);
    last = end;
  }
  return [...parts, letters.slice(last).join("")];
}
