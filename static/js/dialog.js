/* What is put into a dialog's place opens it; without this script it is a page of its own. */
(function () {
  "use strict";

  document.addEventListener("htmx:afterSwap", function (event) {
    var id = event.target.dataset && event.target.dataset.opens;
    var dialog = id && document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  });

  // A link that leads back to the list closes the dialog, since that is over the list.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("dialog a[data-close]");
    if (link) event.preventDefault();
  });
})();
