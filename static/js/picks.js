/* Selected rows: their number, select all, and keeping the selection when rows update. */
(function () {
  "use strict";

  function boxes() {
    return Array.from(document.querySelectorAll('input[form="selection"][name="id"]'));
  }

  function show() {
    var form = document.querySelector("[data-picks]");
    if (!form) return;
    var all = boxes();
    var picked = all.filter(function (box) { return box.checked; }).length;
    var toggle = form.querySelector("[data-pick-all]");
    form.querySelector(".pick-all").hidden = false;
    toggle.checked = picked > 0 && picked === all.length;
    toggle.indeterminate = picked > 0 && picked < all.length;
    form.querySelectorAll("[data-for-picked]").forEach(function (button) { button.hidden = !picked; });
    form.parentElement.classList.toggle("is-picking", picked > 0);
    var words = picked ? picked + " selected" : "Select";
    var output = form.querySelector("[data-picked]");
    if (output.textContent !== words) output.textContent = words;
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-pick-all]")) {
      boxes().forEach(function (box) { box.checked = event.target.checked; });
    }
    show();
  });

  // x selects the focused row.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    var row = event.target.closest && event.target.closest("tr");
    var box = row && row.querySelector('input[form="selection"]');
    if (!box || event.target.matches("input:not([type=checkbox])")) return;
    box.checked = !box.checked;
    show();
  });

  var kept = [];
  document.addEventListener("htmx:beforeSwap", function () {
    kept = boxes().filter(function (box) { return box.checked; }).map(function (box) { return box.id; });
  });
  document.addEventListener("htmx:afterSettle", function () {
    kept.forEach(function (id) {
      var box = document.getElementById(id);
      if (box) box.checked = true;
    });
    show();
  });
  window.addEventListener("pageshow", show);
  show();
})();
