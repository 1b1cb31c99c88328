/* An error at a field disappears with its correction; the server checks again when it is saved. */
(function () {
  "use strict";

  document.addEventListener("input", function (event) {
    var control = event.target;
    var box = control.closest && control.closest(".field");
    var error = box && box.querySelector(".field-error");
    if (!error) return;
    var ids = (control.getAttribute("aria-describedby") || "").split(" ");
    error.remove();
    box.querySelectorAll(".is-invalid").forEach(function (field) {
      field.classList.remove("is-invalid");
      field.removeAttribute("aria-invalid");
    });
    control.setAttribute("aria-describedby", ids.filter(function (id) { return id !== error.id; }).join(" "));
  });
})();
