/* The story of a delivery tells itself anew while it goes on; what the reader has opened, chosen or
   marked stays as it is. */
(function () {
  "use strict";

  var opened = [], shut = [], chosen = [];

  function inside(event) {
    return event.detail.target && event.detail.target.id === "story";
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (!inside(event)) return;
    var story = document.getElementById("story");
    var marked = getSelection();
    // Marked text would be lost: it waits for the next time.
    if (!marked.isCollapsed && story.contains(marked.anchorNode)) {
      event.detail.shouldSwap = false;
      return;
    }
    var all = Array.from(story.querySelectorAll("details[id]"));
    opened = all.filter(function (each) { return each.open; }).map(function (each) { return each.id; });
    shut = all.filter(function (each) { return !each.open; }).map(function (each) { return each.id; });
    chosen = Array.from(story.querySelectorAll("input[type=radio]:checked")).map(function (each) {
      return [each.name, each.value];
    });
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    if (!inside(event)) return;
    opened.forEach(function (id) { set(id, true); });
    shut.forEach(function (id) { set(id, false); });
    chosen.forEach(function (pair) {
      var radios = document.getElementsByName(pair[0]);
      Array.from(radios).forEach(function (each) {
        if (each.value === pair[1]) each.checked = true;
      });
    });
    opened = shut = chosen = [];
  });

  function set(id, open) {
    var details = document.getElementById(id);
    if (details) details.open = open;
  }
})();
