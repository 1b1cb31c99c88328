/* Opens a row of the list in a panel next to it: Space, or the link at the end of the row. The panel is
   filled from the page of the delivery, and its forms stay in it. */
(function () {
  "use strict";

  var panel = document.getElementById("panel");
  var body = document.getElementById("panel-body");
  var current = null;
  if (!panel || !body) return;

  function isWide() {
    return matchMedia("(min-width: 768px)").matches;
  }

  function links() {
    return Array.from(document.querySelectorAll("#list .row-link"));
  }

  function mark(link) {
    document.querySelectorAll("tr.is-peeked").forEach(function (row) { row.classList.remove("is-peeked"); });
    if (link) link.closest("tr").classList.add("is-peeked");
  }

  function open(link) {
    current = link.id;
    mark(link);
    link.closest("tr").scrollIntoView({ block: "nearest" });
    document.getElementById("panel-open").href = link.href;
    if (!panel.open) panel.show();
    body.focus({ preventScroll: true });
    body.scrollTop = 0;
    htmx.ajax("GET", link.href, { source: body, target: body, swap: "innerHTML", select: "#story" });
  }

  // The row may have been replaced while the panel was open.
  function rowLink() {
    return current && document.getElementById(current);
  }

  function move(step) {
    var all = links(), at = all.indexOf(rowLink());
    var next = all[at + step];
    if (next) open(next);
  }

  panel.addEventListener("close", function () {
    var link = rowLink();
    mark(null);
    body.replaceChildren();
    current = null;
    if (link) link.focus({ preventScroll: true });
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-peek]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !isWide()) return;
    event.preventDefault();
    open(link.closest("tr").querySelector(".row-link"));
  });

  // Before the page's own shortcuts.
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]:not(#panel)")) return;
    if (!panel.open) {
      if (event.key === " " && event.target.matches("#list .row-link") && isWide()) {
        event.preventDefault();
        open(event.target);
      }
      return;
    }
    if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select")) return;
    if (event.key === "Escape" && !document.querySelector("details[data-menu][open]")) panel.close();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "Enter" && event.target === body) document.getElementById("panel-open").click();
    else if (event.key === "r" && body.querySelector('[data-key="r"]')) body.querySelector('[data-key="r"]').click();
    else return;
    event.preventDefault();
  }, true);

  // Retry, resend and cancel: shown in the panel, with what the page says about it.
  body.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("hx-post") || form.method !== "post") return;
    event.preventDefault();
    htmx.ajax("POST", form.action, {
      source: form, target: body, swap: "innerHTML", select: "#main > .flash:not([role=note]), #story",
    });
  });

  document.addEventListener("htmx:afterSettle", function () {
    if (panel.open) mark(rowLink());
  });
})();
