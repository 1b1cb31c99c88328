/* The search palette: / or Ctrl-K opens it, results appear while you type, arrows select, Enter opens. Without an
   active option Enter goes to the search page. What was opened last is kept in this browser. */
(function () {
  "use strict";

  var WAIT = 150, KEPT = 6;
  var palette = document.getElementById("palette");
  var opener = document.querySelector(".frame-top .search input");
  if (!palette || !opener) return;
  var input = palette.querySelector("input"), list = document.getElementById("palette-results");
  var status = palette.querySelector("[data-palette-status]");
  var timer = 0, request = null, active = -1, lookedFor = "";
  // The keys below open the palette instead of the field.
  opener.removeAttribute("data-key");

  function isTyping(target) {
    return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  }

  function options() {
    return Array.from(list.querySelectorAll("[role=option]"));
  }

  function open(text) {
    if (document.querySelector("dialog:modal")) return;
    palette.showModal();
    input.value = text || "";
    input.select();
    if (input.value) look(); else showRecent();
  }

  // Recent results

  function recent() {
    try {
      var kept = JSON.parse(localStorage.getItem(palette.dataset.recent)) || [];
      return kept.filter(function (each) {
        return each && typeof each.name === "string" && /^\/(?!\/)/.test(each.url);
      }).slice(0, KEPT);
    } catch (error) { return []; }
  }

  function keep(name, url) {
    var rest = recent().filter(function (each) { return each.url !== url; });
    var kept = [{ name: name.slice(0, 200), url: url }].concat(rest).slice(0, KEPT);
    try { localStorage.setItem(palette.dataset.recent, JSON.stringify(kept)); } catch (error) { /* Private mode. */ }
  }

  function showRecent() {
    var kept = recent();
    list.replaceChildren();
    if (kept.length) {
      var group = document.createElement("div"), title = document.createElement("p");
      group.setAttribute("role", "group");
      group.setAttribute("aria-labelledby", "palette-recent");
      title.className = "palette-title";
      title.id = "palette-recent";
      title.textContent = "Recent";
      group.append(title);
      kept.forEach(function (each) {
        var link = document.createElement("a"), words = document.createElement("span");
        link.className = "palette-option";
        link.setAttribute("role", "option");
        link.tabIndex = -1;
        link.href = each.url;
        link.dataset.name = each.name;
        words.className = "clip";
        words.textContent = each.name;
        link.append(words);
        group.append(link);
      });
      list.append(group);
    }
    shown("");
  }

  document.addEventListener("submit", function (event) {
    if (!/\/sign-out$/.test(event.target.action)) return;
    try { localStorage.removeItem(palette.dataset.recent); } catch (error) { /* Private mode. */ }
  });

  // Results

  function say(words) {
    var note = document.createElement("p");
    note.className = "palette-note";
    note.textContent = words;
    list.replaceChildren(note);
    shown(words);
  }

  function shown(words) {
    options().forEach(function (option, index) {
      option.id = "palette-option-" + index;
      option.setAttribute("aria-selected", "false");
    });
    active = -1;
    input.removeAttribute("aria-activedescendant");
    if (input.value.trim() && options().length) select(0);
    status.textContent = words;
  }

  function look() {
    var text = input.value.trim();
    clearTimeout(timer);
    if (request) request.abort();
    if (!text) { showRecent(); return; }
    request = new AbortController();
    var own = request;
    fetch(palette.dataset.url + "?q=" + encodeURIComponent(text), { signal: own.signal, credentials: "same-origin" })
      .then(function (response) {
        // Signed out meanwhile.
        if (response.redirected) { location.reload(); return null; }
        if (!response.ok) throw new Error(String(response.status));
        return response.text();
      })
      .then(function (html) {
        if (html === null || own !== request) return;
        list.innerHTML = html;
        lookedFor = text;
        htmx.trigger(list, "htmx:load");
        var number = options().length - 1;
        shown(number > 0 ? number + (number === 1 ? " result" : " results") : "No results by name or ID");
      })
      .catch(function (error) {
        if (error.name !== "AbortError" && own === request) say("No response. Press Enter for the search page.");
      });
  }

  function select(index) {
    var all = options();
    if (!all.length) return;
    if (all[active]) all[active].setAttribute("aria-selected", "false");
    active = (index + all.length) % all.length;
    all[active].setAttribute("aria-selected", "true");
    all[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[active].id);
  }

  input.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });

  input.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") select(active + 1);
    else if (event.key === "ArrowUp") select(active - 1);
    // Results of an earlier text are not what Enter means.
    else if (event.key === "Enter" && options()[active] && !isStale()) options()[active].click();
    else return;
    event.preventDefault();
  });

  function isStale() {
    return input.value.trim() !== "" && lookedFor !== input.value.trim();
  }

  list.addEventListener("click", function (event) {
    var option = event.target.closest("[role=option]");
    if (option) keep(option.dataset.name, option.getAttribute("href"));
  });

  palette.addEventListener("close", function () {
    clearTimeout(timer);
    if (request) request.abort();
    request = null;
  });

  document.addEventListener("keydown", function (event) {
    var isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    var isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
    if (event.defaultPrevented || !(isCommand || isSlash)) return;
    event.preventDefault();
    open();
  });

  opener.addEventListener("click", function (event) {
    event.preventDefault();
    open(opener.value);
  });

  // A search that goes on by itself

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-stop-search]");
    if (!button) return;
    var item = button.closest("[data-search-on]");
    htmx.trigger(item, "htmx:abort");
    item.dataset.stopped = "";
    button.remove();
  });
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.matches("[data-search-on][data-stopped]")) event.preventDefault();
  });
})();
