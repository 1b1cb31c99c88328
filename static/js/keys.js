/* Keyboard shortcuts: / search, j and k move along rows, Enter opens, r resends, ? shows help. */
(function () {
  "use strict";

  var dialog = document.getElementById("keys");

  function typing(target) {
    return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  }

  function move(step) {
    var rows = Array.from(document.querySelectorAll(".row-link"));
    // Without rows, move to the next or previous item.
    if (document.getElementById("story") || !rows.length) {
      press(step > 0 ? "j" : "k");
      return;
    }
    var row = document.activeElement.closest("tr");
    var at = row ? rows.findIndex(function (link) { return row.contains(link); }) : -1;
    if (at < 0) at = rows.indexOf(document.activeElement);
    var next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
    if (rows[next]) rows[next].focus();
  }

  function press(key) {
    var element = document.querySelector('[data-key="' + key + '"]');
    if (!element || element.hidden) return false;
    if (element.matches("input")) { element.focus(); element.select(); } else element.click();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target) || (dialog && dialog.open)) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "?" && dialog) dialog.showModal();
    else if ((event.key === "/" || event.key === "r") && press(event.key)) event.preventDefault();
  });

  document.querySelectorAll("[data-open]").forEach(function (button) {
    button.addEventListener("click", function () {
      document.getElementById(button.dataset.open).showModal();
    });
  });

  document.addEventListener("click", function (event) {
    var closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    else if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  // Close a menu when the focus moves elsewhere.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
})();
