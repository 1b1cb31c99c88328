/* Content loaded into a dialog opens it. Without this script it is a separate page. */
(function () {
  "use strict";

  document.addEventListener("htmx:afterSwap", function (event) {
    var id = event.target.dataset && event.target.dataset.opens;
    var dialog = id && document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  });

  // A link back to the list closes the dialog, which is above the list.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("dialog a[data-close]");
    if (link) event.preventDefault();
  });
})();
