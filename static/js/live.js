/* The list asks every few seconds what has changed: rows change in their places, and new ones are
   told of. They come in by themselves only for who follows, at the top, with nothing under way. */
(function () {
  "use strict";

  var EVERY = 3000;

  function element() {
    return document.getElementById("live-now");
  }

  function follow() {
    return document.querySelector("[data-follow]");
  }

  function isFollowing() {
    try { return sessionStorage.getItem("follow") === "yes"; } catch (error) { return false; }
  }

  // Whoever reads further down, has a row in hand or a menu open is not to be moved about.
  function isAtRest() {
    var focus = document.activeElement;
    return window.scrollY < 40 && !document.querySelector("dialog[open], details[data-menu][open]") &&
      !document.querySelector('input[form="selection"]:checked') &&
      !(focus && focus.closest("#list table")) && !document.querySelector("#list tbody tr:hover") &&
      getSelection().isCollapsed;
  }

  function prepare() {
    var live = document.getElementById("live");
    if (live) live.classList.add("is-live");
    var button = follow();
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isFollowing()));
  }

  function takeIn() {
    var news = document.getElementById("live-news");
    if (news && follow() && isFollowing() && isAtRest()) news.click();
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-follow]");
    if (!button) return;
    var on = !isFollowing();
    try { sessionStorage.setItem("follow", on ? "yes" : "no"); } catch (error) { return; }
    button.setAttribute("aria-pressed", String(on));
    button.blur();
    takeIn();
  });

  function say(words) {
    var live = document.getElementById("live");
    var told = live && live.querySelector("[data-offline]");
    if (!live || Boolean(told) === Boolean(words)) return;
    if (told) told.remove();
    else {
      told = document.createElement("span");
      told.dataset.offline = "";
      told.className = "small faint";
      told.textContent = words;
      live.append(told);
    }
  }

  document.addEventListener("htmx:sendError", function (event) {
    if (event.target === element()) say("Not up to date: no answer");
  });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.target === element()) say("Not up to date: no answer");
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    var path = event.detail.requestConfig && event.detail.requestConfig.path || "";
    if (event.detail.successful && path.indexOf("/deliveries/live") >= 0) say("");
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
