/* Scrolls the selected tab into view on narrow screens. */
(function () {
  "use strict";

  document.querySelectorAll(".tabs [aria-current]").forEach(function (tab) {
    var strip = tab.closest(".tabs");
    var beyond = tab.getBoundingClientRect().right - strip.getBoundingClientRect().right;
    if (beyond > 0) strip.scrollLeft = beyond + 32;
  });
})();
