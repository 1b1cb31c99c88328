/* Times are entered in the reader's time zone; requests and URLs use UTC. */
(function () {
  "use strict";

  function digits(number, length) {
    return String(number).padStart(length || 2, "0");
  }

  // In the format of a datetime field, no more precise than needed.
  function local(date) {
    var day = [digits(date.getFullYear(), 4), digits(date.getMonth() + 1), digits(date.getDate())];
    var text = day.join("-") + "T" + digits(date.getHours()) + ":" + digits(date.getMinutes());
    if (date.getTime() % 60000) text += ":" + digits(date.getSeconds());
    if (date.getTime() % 1000) text += "." + digits(date.getMilliseconds(), 3);
    return text;
  }

  function zone(date) {
    return date.toLocaleTimeString("en-GB", { timeZoneName: "short" }).split(" ").pop();
  }

  document.querySelectorAll("input[data-utc]").forEach(function (input) {
    var date = input.value ? new Date(input.value + "Z") : new Date();
    if (input.value) input.value = local(date);
    input.labels[0].querySelector("[data-zone]").textContent = zone(date);
  });

  // Also for forms sent by htmx.
  document.addEventListener("formdata", function (event) {
    event.target.querySelectorAll("input[data-utc]").forEach(function (input) {
      if (!input.value) return;
      var utc = new Date(input.value).toISOString();
      event.formData.set(input.name, utc.replace(/(:00)?\.000Z$/, ""));
    });
  });
})();
