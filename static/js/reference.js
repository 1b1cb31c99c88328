/* The API reference: narrow the list of operations, and send one. */
(function () {
  "use strict";

  // Characters of a response that are shown.
  var MAX_SHOWN = 200000;

  document.querySelectorAll("[data-filter]").forEach(function (element) {
    var input = element.matches("input") ? element : element.querySelector("input");
    var list = document.getElementById(element.dataset.filter);
    var status = document.querySelector("[data-filter-status]");

    function narrow() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      list.querySelectorAll("[data-filter-group]").forEach(function (group) {
        var left = 0;
        group.querySelectorAll("[data-filter-row]").forEach(function (row) {
          row.hidden = !words.every(function (word) { return row.dataset.filterRow.includes(word); });
          if (!row.hidden) left += 1;
        });
        group.hidden = !left;
        shown += left;
      });
      if (status) status.textContent = shown + " found";
    }

    function links() {
      return Array.from(list.querySelectorAll("[data-filter-row]:not([hidden]) a"));
    }

    input.addEventListener("input", narrow);
    input.addEventListener("keydown", function (event) {
      var first = links()[0];
      if (!first) return;
      if (event.key === "ArrowDown") first.focus();
      else if (event.key === "Enter") first.click();
      else return;
      event.preventDefault();
    });
    list.addEventListener("keydown", function (event) {
      var step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      var all = links();
      var at = all.indexOf(document.activeElement);
      if (!step || at < 0) return;
      event.preventDefault();
      (all[at + step] || input).focus();
    });
  });

  var current = document.querySelector(".reference-index [aria-current]");
  if (current) {
    var frame = current.closest(".reference-index");
    frame.scrollTop = current.offsetTop - frame.clientHeight / 2;
  }

  var form = document.getElementById("try");
  if (!form) return;
  var panel = document.getElementById("try-response");
  var stop = form.querySelector("[data-stop]");
  var send = form.querySelector(".btn-primary");

  function part(name) {
    return panel.querySelector("[data-" + name + "]");
  }

  // The key of this tab, if it is good for another minute.
  function kept() {
    try {
      var value = JSON.parse(sessionStorage.getItem(form.dataset.store));
      return value && Date.parse(value.expires_at) > Date.now() + 60000 ? value.key : null;
    } catch (error) {
      return null;
    }
  }

  function newKey() {
    return fetch(form.dataset.keyUrl, { method: "POST", body: new FormData(form) }).then(function (response) {
      if (!response.ok || response.redirected) throw new Error("No key was made: sign in again.");
      return response.json();
    }).then(function (value) {
      sessionStorage.setItem(form.dataset.store, JSON.stringify(value));
      return value.key;
    });
  }

  function request(key, signal) {
    var path = form.dataset.path;
    var query = new URLSearchParams();
    var headers = {};
    if (key) headers.Authorization = "Bearer " + key;
    form.querySelectorAll("[data-in]").forEach(function (input) {
      var name = input.dataset.name;
      if (input.dataset.in === "path") path = path.replace("{" + name + "}", encodeURIComponent(input.value));
      else if (input.value && input.dataset.in === "query") query.set(name, input.value);
      else if (input.value) headers[name] = input.value;
    });
    var body = document.getElementById("try-body");
    if (body) headers["Content-Type"] = "application/json";
    var url = path + (query.toString() ? "?" + query : "");
    var options = { method: form.dataset.method, headers: headers, credentials: "omit", signal: signal };
    if (body) options.body = body.value;
    return fetch(url, options);
  }

  function pretty(text, type) {
    var shown = text;
    if (type.includes("json")) {
      // Numbers beyond a double would change.
      try {
        if (!/\d{16}/.test(text)) shown = JSON.stringify(JSON.parse(text), null, 2);
      } catch (error) {
        shown = text;
      }
    }
    return shown.length > MAX_SHOWN ? shown.slice(0, MAX_SHOWN) + "\n… (cut)" : shown;
  }

  function show(status, time, headers, body) {
    part("status").textContent = status;
    part("time").textContent = time;
    part("headers").textContent = headers;
    part("body").textContent = body;
    part("body").hidden = !body;
    panel.hidden = false;
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
    document.getElementById("announcer").textContent = status;
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var controller = new AbortController();
    var began = 0;
    var needsKey = Boolean(form.dataset.keyUrl);
    stop.onclick = function () { controller.abort(); };
    stop.hidden = false;
    send.disabled = true;

    function attempt(key) {
      began = performance.now();
      return request(key, controller.signal);
    }

    (needsKey ? Promise.resolve(kept() || newKey()) : Promise.resolve(null))
      .then(attempt)
      .then(function (response) {
        // The key has ended meanwhile, or the role has changed: make another one, once.
        return response.status === 401 && needsKey ? newKey().then(attempt) : response;
      })
      .then(function (response) {
        return response.text().then(function (text) {
          var took = Math.round(performance.now() - began);
          var headers = Array.from(response.headers).map(function (pair) { return pair.join(": "); }).join("\n");
          show(response.status + " " + response.statusText, took + " ms", headers,
            pretty(text, response.headers.get("Content-Type") || ""));
        });
      })
      .catch(function (error) {
        show(error.name === "AbortError" ? "Stopped" : "Not sent", "", "", error.name === "AbortError" ? "" : error.message);
      })
      .finally(function () {
        stop.hidden = true;
        send.disabled = false;
      });
  });
})();
