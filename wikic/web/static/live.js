// Pages that are open stay true: what happens (Server-Sent Events) makes them fetch themselves and take over the regions that differ.
//
//   <main data-live="concept/UUID" data-live-said="Updated">   also proposal/ID, and queue
//     <section id="labels" data-live-region> ... </section>    each region has an id, which stays the same
//
// data-live-address is where the page is fetched, if not at its own address (a form may have been answered there); with data-live-version, what is marked
// data-live-changed shows itself once the version is another one. What somebody is writing or has chosen keeps its region as it is, but for one that is
// marked data-live-restored: its page chooses again. What they sent and got back, to send it again, is marked data-live-typed.
//
// What the page is as of: data-live-after="EVENT ID" or data-live-seq="SEQ"; what happened since is looked at as soon as the stream is open. A page that says
// neither looks once. data-live-every="SECONDS": it also looks again after so long, for what is no event (who has something on the screen).
//
// Without this file, or without a stream, a page is simply as old as it is.
const place = document.querySelector("[data-live]");
const QUERIES = {
  concept: (id) => ({ concept: id }),
  proposal: (id) => ({ subject: `proposal/${id}` }),
  queue: () => ({ subject: "proposal" }),
};

if (place && window.EventSource) follow(place);

function follow(root) {
  const [kind, id] = root.dataset.live.split("/");
  if (!QUERIES[kind]) return;
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  root.append(status);
  let source = null, last = root.dataset.liveAfter ?? "", timer = 0, busy = false, again = false;

  function open() {
    const query = new URLSearchParams(QUERIES[kind](id));
    if (last) query.set("after", last);
    source = new EventSource(`/api/v1/events?${query}`);
    source.addEventListener("begin", (event) => {
      const { last_event_id, resumed, seq } = JSON.parse(event.data);
      // The store was restored, or the framework moved before the stream was open: what was missed is not known.
      if (last ? !resumed : Number(root.dataset.liveSeq ?? -1) !== seq) soon();
      last = last_event_id;
    });
    source.addEventListener("message", (event) => { last = event.lastEventId; soon(); });
  }

  // A tab that nobody sees holds no connection: a browser has few of them for one site.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { source?.close(); source = null; }
    else if (!source) open();
  });
  window.addEventListener("pagehide", () => { source?.close(); source = null; });
  window.addEventListener("pageshow", (event) => { if (event.persisted && !source) { open(); soon(); } });
  if (!document.hidden) open();
  const every = Number(root.dataset.liveEvery);
  if (every) setInterval(() => { if (!document.hidden) soon(); }, every * 1_000);

  // What comes at once is fetched once; and not by all who have the page open in the same moment.
  function soon() { clearTimeout(timer); timer = setTimeout(refresh, 100 + Math.random() * 200); }

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(root.dataset.liveAddress ?? location.href, { headers: { Accept: "text/html" }, cache: "no-cache" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      // A form has come around what is shown: it comes whole, unless that would take away what is being written.
      if (formed(fresh) && !formed(document) && !typing(root)) { location.replace(root.dataset.liveAddress ?? location.href); return; }
      tellVersion(root, fresh.querySelector("[data-live]")?.dataset.liveVersion);
      const changed = takeOver(fresh);
      if (changed) status.textContent = root.dataset.liveSaid ?? "";
    } catch {
      // The network is away: once it is back the stream is too, and with its next message the page.
      again = false;
    } finally {
      busy = false;
      if (again) { again = false; soon(); }
    }
  }
}

function formed(page) { return Boolean(page.querySelector("[data-live] form [data-live-region]")); }

// Nobody decides on what was put under their eyes without a word.
function tellVersion(root, version) {
  if (!version || root.dataset.liveVersion === version) return;
  root.dataset.liveVersion = version;
  const notice = root.querySelector("[data-live-changed]");
  if (notice) notice.hidden = false;
}

function takeOver(fresh) {
  let changed = false;
  for (const region of document.querySelectorAll("[data-live-region]")) {
    const now = fresh.getElementById(region.id);
    if (!now || now.innerHTML === region.innerHTML || typing(region) || (now.closest("form") && !region.closest("form"))) continue;
    const focus = focusIn(region);
    const open = new Set([...region.querySelectorAll("details[open] > summary")].map((each) => each.textContent));
    region.replaceChildren(...document.importNode(now, true).childNodes);
    for (const summary of region.querySelectorAll("details > summary")) if (open.has(summary.textContent)) summary.parentElement.open = true;
    if (focus) focusAgain(region, focus);
    region.dispatchEvent(new CustomEvent("wikic:replaced", { bubbles: true }));
    changed = true;
  }
  return changed;
}

// What somebody is writing is never taken from them.
function typing(region) {
  // A form that was answered shows what was sent as if it stood there.
  if ("liveTyped" in region.dataset || region.querySelector("[data-live-typed]")) return true;
  return [...region.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return !("liveRestored" in region.dataset) && field.checked !== field.defaultChecked;
    if (field === document.activeElement) return true;
    if (field.type === "select-one") return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
    return field.value !== (field.defaultValue ?? field.value);
  });
}

function focusIn(region) {
  const held = document.activeElement;
  if (!held || held === region || !region.contains(held)) return null;
  return { id: held.id, href: held.getAttribute("href"), name: held.getAttribute("name"), value: held.getAttribute("value"), tag: held.tagName, text: held.textContent };
}

function focusAgain(region, held) {
  const all = [...region.querySelectorAll(held.tag)];
  const found = (held.id && document.getElementById(held.id))
    || all.find((each) => held.href !== null && each.getAttribute("href") === held.href)
    || all.find((each) => held.name !== null && each.getAttribute("name") === held.name && each.getAttribute("value") === held.value)
    || all.find((each) => each.textContent === held.text);
  if (found) { found.focus({ preventScroll: true }); return; }
  // What had the focus is gone: the region has it, so that the keyboard goes on from there.
  region.tabIndex = -1;
  region.focus({ preventScroll: true });
}
