/* The story of a delivery tells itself anew while it goes on, and says so to a screen reader. */
(function () {
  "use strict";

  function isStory(event) {
    return event.detail.target && event.detail.target.id === "story";
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (!isStory(event)) return;
    // What the reader has marked would be lost: it waits for the next time.
    var marked = getSelection();
    var story = document.getElementById("story");
    if (!marked.isCollapsed && story.contains(marked.anchorNode)) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    if (!isStory(event)) return;
    var state = document.querySelector("#story h1 .chip");
    var sentence = document.querySelector("#story .story");
    var words = [state, sentence].map(function (each) { return each ? each.textContent.trim() : ""; });
    document.getElementById("announcer").textContent = words.join(". ");
  });
})();
