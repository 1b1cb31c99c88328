/* Charts: values on hover and with arrow keys, a range by dragging, times in the reader's time zone.
   Without this script a bar is a link with a title, and the table below has the same figures. */
(function () {
  "use strict";

  var names = { succeeded: "Succeeded", retrying: "Retried", failed: "Failed" };
  var created = "Deliveries created";
  var locale = document.body.dataset.locale || "en-GB";
  var hour = { hour: "2-digit", minute: "2-digit", hour12: locale !== "en-GB" };
  var dayAndHour = Object.assign({ day: "numeric", month: "short" }, hour);
  // Bars of a whole day are cut at midnight UTC and labeled accordingly.
  var day = { day: "numeric", month: "short", timeZone: "UTC" };

  function text(ms, form) {
    return new Date(ms).toLocaleString(locale, form);
  }

  function spanOf(bar) {
    var start = Number(bar.dataset.start), end = Number(bar.dataset.end);
    if (end - start >= 86400000) return text(start, day) + " (UTC)";
    return text(start, dayAndHour) + " to " + text(end, hour);
  }

  function line(state, number) {
    var row = document.createElement("p"), key = document.createElement("span");
    var value = document.createElement("strong");
    key.className = "chart-key bar-" + state;
    value.textContent = String(number).replace(/\B(?=(\d{3})+$)/g, document.body.dataset.thousands);
    row.append(key, names[state] || created, value);
    return row;
  }

  function Chart(figure) {
    this.figure = figure;
    this.plot = figure.querySelector("[data-plot]");
    this.tip = figure.querySelector("[data-tip]");
    this.area = figure.querySelector("[data-drag]");
    this.bars = Array.from(figure.querySelectorAll(".bar"));
    this.from = null;
    this.at = this.bars.length - 1;
  }

  Chart.prototype.barAt = function (x) {
    var box = this.plot.getBoundingClientRect();
    var place = Math.floor((x - box.left) / box.width * this.bars.length);
    return Math.max(0, Math.min(this.bars.length - 1, place));
  };

  Chart.prototype.show = function (place) {
    var bar = this.bars[place], head = document.createElement("strong");
    head.textContent = spanOf(bar);
    this.tip.replaceChildren(head);
    Object.keys(names).forEach(function (state) {
      this.tip.append(line(state, bar.dataset[state] || 0));
    }, this);
    this.tip.append(line("created", bar.dataset.created || 0));
    this.tip.hidden = false;
    var box = this.plot.getBoundingClientRect(), width = this.tip.offsetWidth;
    var left = (place + 0.5) / this.bars.length * box.width;
    this.tip.style.left = (left + width + 16 < box.width ? left + 12 : Math.max(0, left - width - 12)) + "px";
  };

  Chart.prototype.hide = function () {
    this.tip.hidden = true;
  };

  Chart.prototype.draw = function (place) {
    var first = Math.min(this.from, place), last = Math.max(this.from, place);
    this.area.setAttribute("x", first / this.bars.length * 100 + "%");
    this.area.setAttribute("width", (last - first + 1) / this.bars.length * 100 + "%");
    return [first, last];
  };

  Chart.prototype.stop = function () {
    this.from = null;
    this.area.setAttribute("width", "0");
  };

  Chart.prototype.open = function (first, last) {
    var url = new URL(this.figure.dataset.list, location.href);
    url.searchParams.set("since", asked(this.bars[first], "since"));
    url.searchParams.set("until", asked(this.bars[last], "until"));
    location.assign(url);
  };

  function asked(bar, name) {
    return new URL(bar.getAttribute("href"), location.href).searchParams.get(name);
  }

  Chart.prototype.point = function (event) {
    var place = this.barAt(event.clientX);
    if (this.from !== null) this.draw(place);
    this.show(place);
  };

  Chart.prototype.release = function (event) {
    if (this.from === null) return;
    var chosen = this.draw(this.barAt(event.clientX));
    this.stop();
    // A single bar is a link.
    if (chosen[1] > chosen[0]) this.open(chosen[0], chosen[1]);
  };

  Chart.prototype.press = function (event) {
    var steps = { ArrowLeft: -1, ArrowRight: 1, Home: -this.bars.length, End: this.bars.length };
    if (!(event.key in steps)) return;
    event.preventDefault();
    var inside = this.bars.indexOf(document.activeElement) >= 0;
    if (inside) this.at += steps[event.key];
    this.at = Math.max(0, Math.min(this.bars.length - 1, this.at));
    this.bars[this.at].focus();
    this.show(this.at);
  };

  Chart.prototype.listen = function () {
    var chart = this, plot = this.plot;
    plot.tabIndex = 0;
    plot.addEventListener("pointermove", function (event) { chart.point(event); });
    plot.addEventListener("pointerleave", function () { chart.hide(); chart.stop(); });
    plot.addEventListener("pointerdown", function (event) {
      if (event.button === 0 && event.pointerType === "mouse") chart.from = chart.barAt(event.clientX);
    });
    plot.addEventListener("pointerup", function (event) { chart.release(event); });
    plot.addEventListener("dragstart", function (event) { event.preventDefault(); });
    plot.addEventListener("keydown", function (event) { chart.press(event); });
    plot.addEventListener("focusout", function () { chart.hide(); });
  };

  function prepare(root) {
    root.querySelectorAll("[data-chart]:not([data-ready])").forEach(function (figure) {
      figure.dataset.ready = "";
      new Chart(figure).listen();
      figure.querySelectorAll("title").forEach(function (title) { title.remove(); });
      if (figure.dataset.unit === "time") figure.querySelectorAll("[data-stamp]").forEach(function (label) {
        label.textContent = text(Date.parse(label.dataset.stamp), hour);
      });
    });
  }

  prepare(document);
  document.addEventListener("htmx:load", function (event) { prepare(event.target); });
  // Do not update a chart that is being read, or while the page is hidden. What else is used goes on: parts.js.
  document.addEventListener("htmx:beforeRequest", function (event) {
    var live = event.target.closest("[data-live]");
    if (!live) return;
    if (document.hidden || live.querySelector("[data-plot]:hover, [data-plot]:focus-within")) event.preventDefault();
  });
})();
