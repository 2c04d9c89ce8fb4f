// The form of a change with JavaScript: it checks itself as it is written, and looks for concepts without leaving the page. Both send the form to where
// it would go anyway, and take over the parts of the answer. Without JavaScript the same buttons lead to the same page.
for (const form of document.querySelectorAll("[data-propose]")) live(form);

function live(form) {
  const WAIT = 500;
  let timer = 0, asking = null;

  async function ask(button, regions) {
    // (`form.action` would be the buttons of that name.)
    asking?.abort();
    asking = new AbortController();
    const sent = new FormData(form, button);
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(sent), headers: { Accept: "text/html" }, signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of regions) {
        const made = page.getElementById(id), shown = document.getElementById(id);
        if (made && shown) shown.replaceChildren(...made.childNodes);
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  const check = form.querySelector('button[value="check"]');
  // A form that has no target yet says so by itself; checking it would only repeat it.
  function ready() {
    const step = form.querySelector("#target-step");
    const needed = ["relate", "map", "merge"].includes(form.elements.type.value);
    return !step || !needed || form.querySelector('[name="target"]:checked');
  }

  function written(field) {
    if (["q", "new_name", "justification", "sources", "mail"].includes(field.name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => { if (ready()) ask(check, ["checked"]); }, WAIT);
  }

  form.addEventListener("input", (event) => written(event.target));
  // What was written before this module was there said nothing to it.
  for (const field of form.elements) if (field.checked !== field.defaultChecked || field.value !== (field.defaultValue ?? field.value)) written(field);

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !(["find", "check", "add", "new"].includes(button.value) || button.name === "drop")) return;
    event.preventDefault();
    clearTimeout(timer);
    const stays = button.value === "check" ? ["checked"] : ["step"];
    ask(button, stays).then(() => {
      if (button.value !== "check") (document.querySelector('#step [name="target"]') ?? document.getElementById("q") ?? form).focus();
    });
  });

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.name !== "q") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('button[value="find"]'));
  });
}

// Who has a proposal on the screen says so again and again, and learns who else has: two who open it together know within seconds.
const looking = document.querySelector("[data-looking]");
if (looking) {
  const address = `/api/v1/proposals/${looking.dataset.looking}/presence`;

  async function say() {
    if (document.hidden) return;
    const answer = await fetch(address, { method: "PUT" }).catch(() => null);
    if (!answer?.ok) return;
    const names = (await answer.json()).items.map((one) => one.name);
    if (!names.length) { looking.replaceChildren(); return; }
    const notice = document.createElement("p");
    notice.className = "notice warn";
    notice.textContent = looking.dataset.text.replace("{names}", names.join(", "));
    if (looking.textContent.trim() !== notice.textContent) looking.replaceChildren(notice);
  }

  setInterval(say, 10_000);
  document.addEventListener("visibilitychange", () => say());
  window.addEventListener("pagehide", () => fetch(address, { method: "DELETE", keepalive: true }).catch(() => null));
  window.addEventListener("pageshow", (event) => { if (event.persisted) say(); });
}

// Who writes other values into a proposal means them: with the box forgotten they would be left out, and nothing would say so.
document.addEventListener("input", (event) => {
  const box = event.target.closest("details.amend")?.querySelector('[name^="amend-"]');
  if (box && event.target !== box) box.checked = true;
});
