/* Times in the reader's time zone, kept up to date. Without this script they are in UTC. */
(function () {
  "use strict";

  // The server's clock, so that a wrong clock in the browser does not matter.
  var loaded = performance.now();
  var start = Date.parse(document.body.dataset.now) || Date.now();
  var units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  var day = { day: "numeric", month: "short", year: "numeric" };
  // As the server writes them: those of the reader in a portal.
  var locale = document.body.dataset.locale || "en-GB";
  var minute = { hour: "2-digit", minute: "2-digit", hour12: locale !== "en-GB" };
  var second = Object.assign({ second: "2-digit" }, minute);

  function now() {
    return start + performance.now() - loaded;
  }

  // The server then writes times as this script does, and nothing moves when it starts.
  var zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zoneName && document.cookie.indexOf("zone=" + encodeURIComponent(zoneName)) < 0) {
    document.cookie = "zone=" + encodeURIComponent(zoneName) + "; path=/; max-age=31536000; samesite=lax" +
      (location.protocol === "https:" ? "; secure" : "");
  }

  // `UTC`, `UTC+2`, `UTC-3:30`.
  function offset(date) {
    var minutes = -date.getTimezoneOffset(), size = Math.abs(minutes);
    if (!minutes) return "UTC";
    var rest = size % 60 ? ":" + String(size % 60).padStart(2, "0") : "";
    return "UTC" + (minutes < 0 ? "-" : "+") + Math.floor(size / 60) + rest;
  }

  function exact(ms) {
    var date = new Date(ms);
    var zone = offset(date);
    var fraction = String(date.getMilliseconds()).padStart(3, "0");
    var time = clock(date).replace(/\d\d(?=\D*$)/, "$&." + fraction);
    return date.toLocaleDateString(locale, day) + ", " + time + " " + zone;
  }

  function clock(date) {
    return plain(date.toLocaleTimeString(locale, second));
  }

  // Some browsers have a narrow space before AM and PM.
  function plain(text) {
    return text.replace(/\u202f/g, " ");
  }

  function stamp(date) {
    return date.toLocaleDateString(locale, { day: "numeric", month: "short" }) + ", " + clock(date);
  }

  function since(date, precision) {
    var time = plain(date.toLocaleTimeString(locale, precision === "second" ? second : minute));
    if (date.toDateString() === new Date(now()).toDateString()) return time;
    return date.toLocaleDateString(locale, { day: "numeric", month: "short" }) + ", " + time;
  }

  function about(seconds) {
    var unit = units.find(function (candidate) { return seconds >= candidate[0]; }) || units[3];
    return Math.floor(seconds / unit[0]) + " " + unit[1];
  }

  function relative(ms) {
    var seconds = (now() - ms) / 1000;
    if (Math.abs(seconds) < 1) return "now";
    if (Math.abs(seconds) >= 7 * 86400) return null;
    return seconds > 0 ? about(seconds) + " ago" : "in " + about(-seconds);
  }

  // In two units, for the main time of a page.
  function countdown(ms) {
    var seconds = Math.ceil((ms - now()) / 1000);
    if (seconds <= 0) return "now";
    var at = units.findIndex(function (unit) { return seconds >= unit[0]; });
    var whole = Math.floor(seconds / units[at][0]);
    var rest = units[at + 1] ? Math.floor((seconds % units[at][0]) / units[at + 1][0]) : 0;
    return "in " + whole + " " + units[at][1] + (rest ? " " + rest + " " + units[at + 1][1] : "");
  }

  function refresh(element) {
    var ms = Date.parse(element.dateTime);
    var isPast = "until" in element.dataset && ms <= now();
    var words = "countdown" in element.dataset ? countdown(ms) : isPast ? "now" : relative(ms);
    if (words && element.textContent !== words) element.textContent = words;
  }

  function prepare(root) {
    root.querySelectorAll("time[datetime]").forEach(function (element) {
      var ms = Date.parse(element.dateTime);
      if ("exact" in element.dataset) element.textContent = exact(ms);
      else element.title = exact(ms);
      if ("clock" in element.dataset) element.textContent = clock(new Date(ms));
      if ("stamp" in element.dataset) element.textContent = stamp(new Date(ms));
      if ("since" in element.dataset) element.textContent = since(new Date(ms), element.dataset.since);
    });
    update(root);
  }

  function update(root) {
    root.querySelectorAll("time[data-ago], time[data-until], time[data-countdown]").forEach(refresh);
  }

  prepare(document);
  document.addEventListener("htmx:load", function (event) { prepare(event.target); });
  setInterval(function () {
    if (!document.hidden) update(document);
  }, 1000);
})();
