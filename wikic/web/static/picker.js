// The picker within its frame: hands what was chosen to the page that embeds it, and to no other.
const root = document.querySelector("[data-picker]");
const { origin, format } = root.dataset;
const around = window.parent === window ? null : window.parent;
const seen = location.ancestorOrigins?.[0];
// Browsers deliver a message only to the origin it is for; where they say who embeds, it is asked before too.
const known = around && origin && (!seen || seen === origin);

if (document.referrer.startsWith(`${location.origin}/embed/`)) root.querySelector("[data-begin]")?.focus();

if (known) {
  const tell = (message) => around.postMessage(message, origin);
  new ResizeObserver(() => tell({ type: "wiki-c:height", height: document.documentElement.offsetHeight })).observe(document.body);
  const button = root.querySelector("[data-use]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const formats = {};
      for (const box of root.querySelectorAll("textarea[data-alignments]")) {
        formats[box.id.slice("box-".length)] = { text: box.value, alignments: JSON.parse(box.dataset.alignments) };
      }
      const { concept, name, level, sent } = button.dataset;
      tell({ type: "wiki-c:alignment", concept, name, level, format, text: formats[format].text, formats });
      root.querySelector("[data-said]").textContent = sent;
    });
  }
}
