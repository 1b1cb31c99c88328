/* Buttons that copy. They are hidden until this script can make them work. */
(function () {
  "use strict";

  function said(button, words) {
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

  // Pages over plain HTTP from another machine have no clipboard of the newer kind.
  function copyThe(words) {
    if (navigator.clipboard) return navigator.clipboard.writeText(words);
    var area = document.createElement("textarea");
    area.value = words;
    document.body.append(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }

  function show(root) {
    root.querySelectorAll("[data-copy]").forEach(function (button) { button.hidden = false; });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    copyThe(text(button)).then(
      function () { said(button, "Copied"); },
      function () { said(button, "Select it and copy"); }
    );
  });
  show(document);
  document.addEventListener("htmx:load", function (event) { show(event.target); });
})();
