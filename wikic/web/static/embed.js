// Puts Wiki-C's picker of competencies where this script stands. Attributes: data-lang (fr, en), data-format (ob2, ob3, badgr, moodle, obf, edubadges),
// data-level (practice:2), data-query, data-target (a selector: the field that takes what is pasted), data-title. The choice is told as the event
// "wiki-c:alignment" on the frame; it bubbles.
(() => {
  const script = document.currentScript;
  const site = new URL(script.src).origin;
  const { lang, format, level, query, target, title } = script.dataset;
  const asked = new URLSearchParams();
  // A page without an origin of its own (a sandboxed one) cannot be told anything: the picker gives boxes to copy from.
  if (location.origin !== "null") asked.set("origin", location.origin);
  // What is asked may be a whole description: the picker takes as much of it as its own field holds.
  for (const [name, value] of Object.entries({ lang, format, level, q: query?.slice(0, 300) })) if (value) asked.set(name, value);
  const frame = document.createElement("iframe");
  frame.src = `${site}/embed/picker?${asked}`;
  frame.title = title || "Wiki-C";
  frame.style.cssText = "width:100%;min-height:20rem;border:1px solid #cdd5e0;border-radius:8px";
  script.after(frame);
  addEventListener("message", (event) => {
    if (event.origin !== site || event.source !== frame.contentWindow || typeof event.data !== "object" || !event.data) return;
    if (event.data.type === "wiki-c:height") frame.style.height = `${Math.min(2000, Math.ceil(Number(event.data.height) || 0) + 2)}px`;
    if (event.data.type !== "wiki-c:alignment") return;
    const field = target ? document.querySelector(target) : null;
    if (field) {
      field.value = event.data.text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    frame.dispatchEvent(new CustomEvent("wiki-c:alignment", { bubbles: true, detail: event.data }));
  });
})();
