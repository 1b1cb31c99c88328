/* A colour picker next to a text field: each follows the other. */
(function () {
  "use strict";

  document.querySelectorAll("[data-color-of]").forEach(function (picker) {
    var text = document.getElementById(picker.dataset.colorOf);
    picker.addEventListener("input", function () {
      text.value = picker.value;
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
    text.addEventListener("input", function () {
      if (/^#[0-9a-f]{6}$/i.test(text.value.trim())) picker.value = text.value.trim();
    });
  });
})();
