/* Polls a list, or the part of a page that is live, every few seconds: updates rows in place and announces new ones. In live mode new
   rows are inserted, unless the reader has scrolled down or is using the list. */
(function () {
  "use strict";

  var EVERY = 3000;
  function element() {
    return document.querySelector("#live-now, [data-live=recent]");
  }

  function follow() {
    return document.querySelector("[data-follow]");
  }

  // Each list has its own choice.
  function key() {
    return "follow:" + follow().dataset.follow;
  }

  function isFollowing() {
    try { return sessionStorage.getItem(key()) === "yes"; } catch (error) { return false; }
  }

  // Do not move rows while the reader has scrolled down, selected a row or opened a menu.
  function isAtRest() {
    var focus = document.activeElement;
    return window.scrollY < 40 && !document.querySelector("dialog[open], details[data-menu][open]") &&
      !document.querySelector('input[form="selection"]:checked') &&
      !(focus && focus.closest("#list table")) && !document.querySelector("#list tbody tr:hover") &&
      getSelection().isCollapsed;
  }

  function prepare() {
    var button = follow();
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isFollowing()));
  }

  function takeIn() {
    var link = document.getElementById("new-rows");
    if (!link || !follow() || !isFollowing() || !isAtRest()) return;
    document.getElementById("announcer").textContent = link.textContent.trim();
    link.click();
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-follow]");
    if (!button) return;
    var on = !isFollowing();
    try { sessionStorage.setItem(key(), on ? "yes" : "no"); } catch (error) { return; }
    button.setAttribute("aria-pressed", String(on));
    takeIn();
  });

  function say(words) {
    var live = document.getElementById("live");
    var notice = live && live.querySelector("[data-offline]");
    if (!live || Boolean(notice) === Boolean(words)) return;
    if (notice) notice.remove();
    else {
      notice = document.createElement("span");
      notice.dataset.offline = "";
      notice.className = "small faint";
      notice.textContent = words;
      live.append(notice);
    }
  }

  document.addEventListener("htmx:sendError", function (event) {
    if (event.target === element()) say("Not up to date: no response");
  });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.target === element()) say("Not up to date: no response");
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    var path = event.detail.requestConfig && event.detail.requestConfig.path || "";
    if (event.detail.successful && /\/(deliveries|events)\/live|[?&]seen=/.test(path)) say("");
  });
  document.addEventListener("htmx:afterSettle", function () {
    prepare();
    takeIn();
  });

  setInterval(function () {
    var live = element();
    if (!live || document.hidden || live.classList.contains("htmx-request")) return;
    takeIn();
    htmx.trigger(live, "live");
  }, EVERY);
  prepare();
})();
