/* Copy buttons. Without scripts they are not shown. */
(function () {
  "use strict";

  function announce(button, words) {
    var label = button.querySelector("[data-copy-words]") || button;
    var before = label.textContent;
    label.textContent = words;
    document.getElementById("announcer").textContent = words;
    setTimeout(function () { label.textContent = before; }, 1600);
  }

  function text(button) {
    var source = document.getElementById(button.dataset.copy);
    return "value" in source ? source.value : source.textContent;
  }

  // Pages over plain HTTP from another machine have no navigator.clipboard.
  function copyText(words) {
    if (navigator.clipboard) return navigator.clipboard.writeText(words);
    var area = document.createElement("textarea");
    area.value = words;
    document.body.append(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    copyText(text(button)).then(
      function () { announce(button, "Copied"); },
      function () { announce(button, "Select it and copy"); }
    );
  });
})();
