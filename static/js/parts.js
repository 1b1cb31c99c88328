/* When a part of a page is replaced, what the reader does in it goes on: the focus, opened details and menus, how far it is
   scrolled. Elements are found again by the nearest `id` around them, and what they say. */
(function () {
  "use strict";

  var CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
  var kept = [], focused = null;

  function words(element) {
    var said = element.matches("details") ? element.querySelector("summary") || element : element;
    return [said.getAttribute("aria-label"), said.name, said.textContent.replace(/\s+/g, " ").trim()].join("|");
  }

  // Where it is: the elements of its kind below `id`, those that say the same, and its position among both.
  function place(element, kind) {
    var box = element.parentElement.closest("[id]");
    if (!box) return null;
    var like = Array.from(box.querySelectorAll(kind)), said = words(element);
    var same = like.filter(function (each) { return words(each) === said; });
    return {
      own: element.id, id: box.id, kind: kind, said: said,
      total: like.length, at: like.indexOf(element), nth: same.indexOf(element),
    };
  }

  function find(spot) {
    var own = spot.own && document.getElementById(spot.own);
    var box = own ? null : document.getElementById(spot.id);
    if (own || !box) return own;
    var like = Array.from(box.querySelectorAll(spot.kind));
    var same = like.filter(function (each) { return words(each) === spot.said; });
    return same[Math.min(spot.nth, same.length - 1)] || (like.length === spot.total ? like[spot.at] : null);
  }

  function each(target, kind, state) {
    target.querySelectorAll(kind).forEach(function (element) {
      var now = state(element), spot = now && place(element, kind);
      if (spot) kept.push(Object.assign({ element: element, spot: spot }, now));
    });
  }

  // The first element in sight that has an id: it stays where it is.
  function topmost(target) {
    if (target.getBoundingClientRect().top >= 0) return;
    var inside = Array.from(target.querySelectorAll("[id]"));
    var first = inside.find(function (element) { return element.getBoundingClientRect().top >= 0; });
    if (first) kept.push({ element: first, spot: { own: first.id }, top: first.getBoundingClientRect().top });
  }

  function note(event) {
    var target = event.detail.target, active = document.activeElement;
    if (!target || !target.querySelectorAll || event.detail.shouldSwap === false) return;
    each(target, "details", function (element) { return { open: element.open }; });
    each(target, "pre, [tabindex]", function (element) {
      return (element.scrollLeft || element.scrollTop) && { left: element.scrollLeft, down: element.scrollTop };
    });
    topmost(target);
    if (target.contains(active) && active.closest("[id]")) {
      focused = { element: active, spot: place(active, active.matches(CONTROLS) ? CONTROLS : "*"), part: target.id };
    }
  }

  function restore() {
    kept = kept.filter(function (entry) {
      if (entry.element.isConnected) return true;
      var element = find(entry.spot);
      if (!element) return false;
      if ("open" in entry && element.open !== entry.open) element.open = entry.open;
      if (entry.left || entry.down) element.scrollTo(entry.left, entry.down);
      if ("top" in entry) scrollBy(0, element.getBoundingClientRect().top - entry.top);
      return false;
    });
    refocus(focused && focused.spot && find(focused.spot));
  }

  function isLost() {
    return focused && !focused.element.isConnected && document.activeElement === document.body;
  }

  function refocus(element) {
    if (isLost() && element) element.focus({ preventScroll: true });
  }

  // The control has gone, as a button of what no longer needs attention: go on from the part.
  function settle() {
    kept = [];
    refocus(focused && focused.spot && find(focused.spot));
    var part = isLost() && document.getElementById(focused.part);
    if (part) {
      if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
      refocus(part);
    }
    focused = null;
  }

  document.addEventListener("htmx:beforeSwap", note);
  document.addEventListener("htmx:oobBeforeSwap", note);
  document.addEventListener("htmx:oobAfterSwap", restore);
  document.addEventListener("htmx:afterSwap", restore);
  document.addEventListener("htmx:afterSettle", settle);
})();
