/* Refreshes the timeline of an unfinished delivery and announces changes to screen readers. */
(function () {
  "use strict";

  function isStory(event) {
    return event.detail.target && event.detail.target.id === "story";
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (!isStory(event)) return;
    // An update would lose the selected text: wait for the next one.
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
