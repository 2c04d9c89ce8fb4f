// The queue by keyboard. Every key presses what is on the page anyway; answers are taken over in place. Keys do nothing inside fields, and can be switched off.
const queue = document.querySelector("[data-queue]");
const OFF = "wikic-keys-off";
const off = () => localStorage.getItem(OFF) === "yes";

if (queue) walk();
const confirming = document.querySelector("[data-confirm]");
if (confirming) {
  document.querySelector("#confirm:enabled, #back").focus();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !off() && !typing(event)) document.getElementById("back").click();
  });
}

function typing(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.isComposing
    || event.target.closest('textarea, select, input:not([type="checkbox"]):not([type="radio"]), [contenteditable]');
}

function walk() {
  let place = 0, busy = false, pending = null, kept = new Set();
  const dialog = document.getElementById("reasons");
  const list = dialog.querySelector(".reason-list");

  const rows = () => [...queue.querySelectorAll("[data-row]")];
  const form = () => document.getElementById("queue-form");
  const picked = () => [...queue.querySelectorAll('[name="id"]:checked')].map((box) => box.value);

  function mark(number, { focus = true, scroll = true } = {}) {
    const all = rows();
    for (const row of all) row.classList.remove("here");
    if (!all.length) return;
    place = Math.max(0, Math.min(number, all.length - 1));
    const row = all[place];
    row.classList.add("here");
    if (scroll) row.scrollIntoView({ block: "nearest" });
    if (focus) row.focus({ preventScroll: true });
  }

  // What was chosen stays so when the list is made anew.
  function restore(chosen) {
    for (const box of queue.querySelectorAll('[name="id"]')) box.checked = chosen.has(box.value);
    mark(place, { focus: false, scroll: false });
    count();
  }

  function count() {
    kept = new Set(picked());
    const said = document.getElementById("bulk-count");
    const chosen = picked().length;
    if (said) said.textContent = chosen ? queue.dataset.chosen.replace("{n}", String(chosen)) : "";
  }

  // Take over a page of the queue: its notice, lanes and rows; the place in the list stays.
  function take(page, address) {
    const made = page.querySelector("[data-queue]");
    if (!made) { location.assign(address); return; }
    for (const id of ["queue-notice", "queue-lanes", "waiting", "queue-list"]) {
      const shown = document.getElementById(id), fresh = page.getElementById(id);
      if (shown && fresh) shown.replaceChildren(...fresh.childNodes);
      else if (shown !== fresh) { location.assign(address); return; }
    }
    // So that a reload, and the page that updates itself, show the same.
    history.replaceState(null, "", address);
    mark(place);
    count();
  }

  async function send(address, body) {
    if (busy) return;
    busy = true;
    queue.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok && answer.redirected) take(page, answer.url);
      else show(page);
    } catch {
      document.getElementById("queue-notice").textContent = queue.dataset.error;
    } finally {
      busy = false;
      queue.removeAttribute("aria-busy");
    }
  }

  // What was refused: say why, where notices are.
  function show(page) {
    const trouble = page.querySelector(".notice.bad") ?? page.querySelector("main .lead");
    const notice = document.getElementById("queue-notice");
    if (trouble) notice.replaceChildren(trouble);
    const skipped = page.querySelector("#skipped + ul");
    if (skipped) notice.append(skipped);
  }

  function decide(verdict, reason = "") {
    const chosen = picked();
    const row = rows()[place];
    if (chosen.length > 1) {
      // Several: first what it would do.
      const sent = form();
      for (const [name, value] of [["reason", reason], ["verdict", verdict]]) {
        const field = sent.querySelector(`[data-key-field="${name}"]`) ?? document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        field.dataset.keyField = name;
        sent.append(field);
      }
      sent.submit();
      return;
    }
    // With the version that is on the screen: what was changed since is not decided unseen.
    const id = chosen[0] ?? row?.querySelector('[name="id"]').value;
    if (!id) return;
    send("/queue/decide", new URLSearchParams({ id, verdict, reason, back: queue.dataset.here }));
  }

  function ask(verdict) {
    pending = verdict;
    const reasons = [...queue.querySelectorAll(`#ready option[data-verdict="${verdict}"]`)].slice(0, 9);
    list.replaceChildren(...reasons.map((option, number) => {
      const item = document.createElement("li"), button = document.createElement("button"), key = document.createElement("kbd");
      key.textContent = String(number + 1);
      button.type = "button";
      button.className = "button small-button";
      button.append(key, ` ${option.textContent}`);
      button.addEventListener("click", () => choose(option.textContent));
      item.append(button);
      return item;
    }));
    dialog.querySelector("textarea").value = "";
    dialog.returnValue = "";
    dialog.showModal();
    list.querySelector("button")?.focus();
  }

  function choose(reason) {
    const verdict = pending;
    pending = null;
    dialog.close();
    decide(verdict, reason);
  }

  dialog.addEventListener("keydown", (event) => {
    if (typing(event) || !/^[1-9]$/.test(event.key)) return;
    const button = list.querySelectorAll("button")[Number(event.key) - 1];
    if (button) { event.preventDefault(); button.click(); }
  });
  dialog.addEventListener("close", () => {
    const own = dialog.querySelector("textarea").value.trim();
    if (pending && dialog.returnValue === "own" && own) choose(own);
    pending = null;
    mark(place);
  });

  const keys = {
    j: () => mark(place + 1), ArrowDown: () => mark(place + 1), k: () => mark(place - 1), ArrowUp: () => mark(place - 1),
    Home: () => mark(0), End: () => mark(rows().length - 1),
    x: () => { const box = rows()[place]?.querySelector('[name="id"]'); if (box) { box.checked = !box.checked; count(); } },
    X: () => {
      const row = rows()[place];
      const boxes = [...(row?.closest(".group") ?? queue).querySelectorAll('[name="id"]')];
      const all = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !all;
      count();
    },
    a: () => decide("accept"), r: () => ask("reject"), c: () => ask("return"),
    e: () => { const row = rows()[place]; if (row) location.assign(`${row.dataset.address}#change-1`); },
    o: () => { const row = rows()[place]; if (row) location.assign(row.dataset.address); },
    Enter: () => { const row = rows()[place]; if (row) location.assign(row.dataset.address); },
    u: () => { const undo = queue.querySelector("[data-undo]"); if (undo) send("/queue/undo", new URLSearchParams(new FormData(undo))); },
    "/": () => { const filters = queue.querySelector(".filters"); filters.open = true; filters.querySelector("select").focus(); },
    "?": () => { const help = document.getElementById("queue-keys"); help.open = !help.open; if (help.open) help.querySelector("summary").focus(); },
  };

  document.addEventListener("keydown", (event) => {
    if (off() || dialog.open || typing(event)) return;
    const act = keys[event.key];
    if (!act || (event.key === "Enter" && event.target.closest("a, button, summary"))) return;
    event.preventDefault();
    act();
  });

  queue.addEventListener("change", (event) => { if (event.target.name === "id") count(); });
  queue.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) mark(rows().indexOf(row), { focus: !event.target.closest("a, button, summary") });
  });
  queue.addEventListener("wikic:replaced", () => restore(kept));
  queue.addEventListener("submit", (event) => {
    const undo = event.target.closest("[data-undo]");
    if (!undo) return;
    event.preventDefault();
    send("/queue/undo", new URLSearchParams(new FormData(undo)));
  });

  const on = document.getElementById("keys-on");
  on.closest("[hidden]").hidden = false;
  on.checked = !off();
  on.addEventListener("change", () => localStorage.setItem(OFF, on.checked ? "no" : "yes"));
  mark(0, { focus: false, scroll: false });
  count();
}
