// The threshold explorer: takes the place of a figure of attacknet.explorer, from the data beside it.
// Without this script, or where anything in it fails, the figure stays as it is.
(() => {
  "use strict";

  // ---- Arithmetic: as attacknet.metrics and attacknet.intervals have it --------------------------------

  // Python rounds an exact half to the even digit, toFixed away from zero; any other number they round alike.
  function fixed(number, digits) {
    const text = number.toFixed(digits);
    const last = Number(text.at(-1));
    const half = Math.abs(number * 2 ** (digits + 1)) % 2 === 1;
    return half && last % 2 ? text.slice(0, -1) + (last - 1) : text;
  }

  const share = (part, whole) => (whole ? part / whole : null);
  const tenths = (rate) => fixed(100 * rate, 1);
  const percent = (rate) => (rate === null ? "not available" : `${tenths(rate)}\u202f%`);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  // How many of the rising scores lie below a threshold; the others are accepted.
  function below(scores, threshold) {
    let [low, high] = [0, scores.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (scores[middle] < threshold) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // Each person one trial: a share that no number of people gives lies between two that are given.
  function bySubjects(errors, total, people, limits) {
    if (!total) return null;
    const trials = (errors * people) / total;
    const ends = limits[people];
    return { low: ends[Math.floor(trials)][0], high: ends[Math.ceil(trials)][1], people };
  }

  function pooled(rows) {
    const people = new Set(rows.filter((row) => row.total).flatMap((row) => row.group.people));
    return {
      accepted: sum(rows.map((row) => row.accepted)),
      total: sum(rows.map((row) => row.total)),
      people: people.size,
    };
  }

  // Counts and rates at a threshold, where each frame of group i counts copies[i] times.
  function measure(view, threshold, copies, limits) {
    const rows = view.groups.map((group, i) => ({
      group,
      copies: copies[i],
      accepted: copies[i] * (group.scores.length - below(group.scores, threshold)),
      total: copies[i] * group.scores.length,
    }));
    const bonafide = pooled(rows.filter((row) => !row.group.attack));
    const attacks = pooled(rows.filter((row) => row.group.attack));
    const rejected = bonafide.total - bonafide.accepted;
    const far = share(attacks.accepted, attacks.total);
    const frr = share(rejected, bonafide.total);
    return {
      threshold, rows, bonafide, attacks, far, frr,
      hter: far === null || frr === null ? null : (far + frr) / 2,
      farEnds: bySubjects(attacks.accepted, attacks.total, attacks.people, limits),
      frrEnds: bySubjects(rejected, bonafide.total, bonafide.people, limits),
      worst: worst(rows),
    };
  }

  // The species with the highest APCER; of equals the first in the alphabet.
  function worst(rows) {
    let found = null;
    for (const row of rows.filter((each) => each.group.attack && each.total)) {
      const rate = row.accepted / row.total;
      if (found === null || rate > found.rate) found = { rate, name: row.group.name };
    }
    return found;
  }

  // ---- Small helpers -----------------------------------------------------------------------------------

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  const make = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
  const shape = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  const minus = (text) => text.replace("-", "−");
  const counted = (people) => (people === 1 ? "1 person" : `${people} people`);
  const between = (ends) =>
    ends ? `${tenths(ends.low)}–${percent(ends.high)} (${counted(ends.people)})` : "not available";

  // ---- Histograms: a strip for each group, solid where the decision is wrong -----------------------------

  const WIDE = 1000;
  const HIGH = 100;

  function bars(scores, axis, bins) {
    const counts = Array.from({ length: bins }, (_, i) => {
      const edge = (k) => axis.low + ((axis.high - axis.low) * k) / bins;
      return below(scores, edge(i + 1)) - below(scores, edge(i));
    });
    const width = WIDE / bins;
    const scale = HIGH / Math.max(...counts);
    return counts
      .map((count, i) => `M${i * width},${HIGH}v${-count * scale}h${width}v${count * scale}z`)
      .join("");
  }

  function strip(group, axis, bins, clip) {
    const kind = group.attack ? "attack" : "bonafide";
    const outline = bars(group.scores, axis, bins);
    const side = shape("rect", { y: 0, height: HIGH });
    const line = shape("line", { y1: 0, y2: HIGH, class: "explorer-line" });
    const label = make("div", { class: "explorer-label" });
    const picture = shape(
      "svg",
      { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      shape("clipPath", { id: clip }, side),
      shape("path", { d: outline, class: `explorer-${kind} explorer-right` }),
      shape("path", { d: outline, class: `explorer-${kind}`, "clip-path": `url(#${clip})` }),
      line,
    );
    function update({ threshold, rows }) {
      const { copies } = rows.find((row) => row.group === group);
      const part = (threshold - axis.low) / (axis.high - axis.low);
      const x = WIDE * Math.min(Math.max(part, 0), 1);
      side.setAttribute("x", group.attack ? x : 0);
      side.setAttribute("width", group.attack ? WIDE - x : x);
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      const times = copies === 1 ? "" : ` × ${copies}`;
      label.textContent = copies ? `${group.name}, n = ${group.scores.length}${times}` : `${group.name}, left out`;
      picture.classList.toggle("explorer-out", !copies);
    }
    return { node: make("div", { class: "explorer-strip" }, label, picture), update };
  }

  // ---- ROC: all thresholds at the mix, and where this one is ---------------------------------------------

  const SIDE = 200;
  const LEFT = 38;
  const TOP = 8;
  const across = (rate) => LEFT + SIDE * rate;
  const down = (rate) => TOP + SIDE * rate;

  function frame() {
    const parts = [shape("path", { class: "explorer-guess", d: `M${across(0)},${down(1)}L${across(1)},${down(0)}` })];
    for (const rate of [0, 0.5, 1]) {
      parts.push(
        shape("path", { class: "explorer-grid", d: `M${across(rate)},${TOP}v${SIDE}M${LEFT},${down(rate)}h${SIDE}` }),
        shape("text", { x: across(rate), y: down(1) + 14, "text-anchor": "middle" }, String(rate)),
        shape("text", { x: LEFT - 5, y: down(1 - rate) + 4, "text-anchor": "end" }, String(rate)),
      );
    }
    const [x, y] = [12, down(0.5)];
    parts.push(
      shape("text", { x: across(0.5), y: down(1) + 28, "text-anchor": "middle" }, "FAR"),
      shape("text", { x, y, transform: `rotate(-90 ${x} ${y})`, "text-anchor": "middle" }, "1 − FRR"),
    );
    return parts;
  }

  function roc(view) {
    const cuts = [...new Set(view.groups.flatMap((group) => group.scores)), Infinity].sort((a, b) => a - b);
    const passed = view.groups.map(({ scores }) => cuts.map((cut) => scores.length - below(scores, cut)));
    const curve = shape("polyline", { class: "explorer-curve" });
    const ends = shape("path", { class: "explorer-ends" });
    const point = shape("circle", { class: "explorer-point", r: 4 });
    const picture = shape(
      "svg",
      { viewBox: `0 0 ${LEFT + SIDE + 8} ${TOP + SIDE + 34}`, role: "img", "aria-label": "ROC curve" },
      ...frame(), curve, ends, point,
    );
    const missing = make("div", { class: "explorer-missing" }, "No ROC: it needs bona fide frames and attacks.");

    function rate(rows, of, attack, cut) {
      return sum(rows.map((row, i) => (row.group.attack === attack ? row.copies * passed[i][cut] : 0))) / of.total;
    }
    function update({ rows, bonafide, attacks, far, frr, farEnds, frrEnds }) {
      const drawn = far !== null && frr !== null;
      picture.toggleAttribute("hidden", !drawn);
      missing.hidden = drawn;
      if (!drawn) return;
      const at = (cut) => `${across(rate(rows, attacks, true, cut))},${down(1 - rate(rows, bonafide, false, cut))}`;
      curve.setAttribute("points", cuts.map((_, cut) => at(cut)).join(" "));
      point.setAttribute("cx", across(far));
      point.setAttribute("cy", down(frr));
      ends.setAttribute(
        "d",
        `M${across(farEnds.low)},${down(frr)}H${across(farEnds.high)}` +
          `M${across(far)},${down(frrEnds.low)}V${down(frrEnds.high)}`,
      );
    }
    return { node: make("div", { class: "explorer-roc" }, picture, missing), update };
  }

  // ---- Tables ------------------------------------------------------------------------------------------

  function table(caption, columns) {
    const body = make("tbody");
    const head = make("tr", {}, make("td"), ...columns.map((name) => make("th", { scope: "col" }, name)));
    const node = make("table", {}, make("caption", {}, caption), make("thead", {}, head), body);
    const row = ([name, ...cells]) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)));
    return { node, show: (rows) => body.replaceChildren(...rows.map(row)) };
  }

  function counts() {
    const { node, show } = table("Decisions, in this mix", ["accepted", "rejected", "error rate"]);
    const line = (name, { accepted, total }, rate, value) =>
      [name, String(accepted), String(total - accepted), `${rate} ${percent(value)}`];
    function update({ rows, bonafide, attacks, far, frr }) {
      const species = rows.filter((row) => row.group.attack);
      show([
        line("bona fide", bonafide, "BPCER", frr),
        line("attacks", attacks, "FAR", far),
        ...species.map((row) => line(row.group.name, row, "APCER", share(row.accepted, row.total))),
      ]);
    }
    node.classList.add("explorer-counts");
    return { node, update };
  }

  function rates(confidence) {
    const { node, show } = table("Rates", ["rate", `${confidence} interval`]);
    function update({ far, frr, hter, farEnds, frrEnds, worst: found }) {
      show([
        ["FAR", percent(far), between(farEnds)],
        ["FRR", percent(frr), between(frrEnds)],
        ["HTER", percent(hter), ""],
        ["worst APCER", percent(found && found.rate), found ? found.name : ""],
      ]);
    }
    return { node, update };
  }

  // ---- Controls ----------------------------------------------------------------------------------------

  function labelled(text, id, control) {
    control.id = id;
    return [make("label", { for: id }, text), control];
  }

  function thresholdControls(view, id, choose) {
    const { low, high, step } = view.axis;
    const slider = make("input", { type: "range", min: low, max: high, step });
    const exact = make("input", { type: "number", step: "any", "aria-label": "Threshold, exactly" });
    const named = view.thresholds.map(({ name, value }) => {
      const button = make("button", { type: "button" }, `${name}: ${minus(fixed(value, 3))}`);
      button.addEventListener("click", () => choose(value));
      return { button, value };
    });
    slider.addEventListener("input", () => choose(Number(slider.value)));
    exact.addEventListener("input", () => {
      if (Number.isFinite(exact.valueAsNumber)) choose(exact.valueAsNumber);
    });
    function update({ threshold }) {
      slider.value = threshold;
      slider.setAttribute("aria-valuetext", fixed(threshold, 3));
      if (exact.valueAsNumber !== threshold) exact.value = threshold;
      for (const { button, value } of named) button.setAttribute("aria-pressed", value === threshold);
    }
    const node = make(
      "div",
      { class: "explorer-threshold" },
      make("div", {}, ...labelled("Threshold", `${id}-slider`, slider)),
      make("div", { class: "explorer-sides" },
        make("span", {}, `${minus(low)} accepts all`), make("span", {}, `${minus(high)} rejects all`)),
      make("div", { class: "explorer-row" },
        ...labelled("exactly", `${id}-exact`, exact), ...named.map((each) => each.button)),
    );
    return { node, update };
  }

  function mixControls(view, most, id, choose) {
    const recorded = make("button", { type: "button" }, "as recorded");
    recorded.addEventListener("click", () => choose(view.groups.map(() => 1)));
    const sliders = new Map();
    const chosen = () => view.groups.map((_, i) => (sliders.has(i) ? Number(sliders.get(i).slider.value) : 1));
    view.groups.forEach((group, i) => {
      if (!group.attack) return;
      const slider = make("input", { type: "range", min: 0, max: most, step: 1 });
      const said = make("output", { for: `${id}-mix-${i}`, "aria-live": "off" }); // the slider tells it itself
      slider.addEventListener("input", () => choose(chosen()));
      sliders.set(i, { group, slider, said });
    });
    function update({ rows, attacks }) {
      for (const [i, { slider, said }] of sliders) {
        slider.value = rows[i].copies;
        const part = percent(share(rows[i].total, attacks.total));
        said.textContent = `× ${rows[i].copies}: ${part}`;
        slider.setAttribute("aria-valuetext", `times ${rows[i].copies}, ${part} of the attacks`);
      }
      recorded.setAttribute("aria-pressed", rows.every((row) => row.copies === 1));
    }
    const lines = [...sliders].map(([i, { group, slider, said }]) =>
      make("div", { class: "explorer-row" }, ...labelled(group.name, `${id}-mix-${i}`, slider), said));
    const node = make("fieldset", {}, make("legend", {}, "Attack mix and shares"), ...lines, recorded);
    return { node, update };
  }

  // ---- The whole ---------------------------------------------------------------------------------------

  const PAUSE = 500; // milliseconds of rest before a screen reader is told

  // Tells a screen reader where a movement ended, and nothing on the way.
  function spoken() {
    const node = make("div", { class: "explorer-spoken", role: "status" });
    let timer;
    function update({ threshold, far, frr, hter }) {
      clearTimeout(timer);
      const said = `Threshold ${fixed(threshold, 3)}: FAR ${percent(far)}, FRR ${percent(frr)}, HTER ${percent(hter)}`;
      timer = setTimeout(() => { node.textContent = said; }, PAUSE);
    }
    return { node, update };
  }

  function explorer(view, data, id) {
    let threshold = view.thresholds[0].value;
    let copies = view.groups.map(() => 1);
    const axis = { low: Number(view.axis.low), high: Number(view.axis.high) };
    const strips = view.groups.map((group, i) => strip(group, axis, data.bins, `${id}-clip-${i}`));
    const curve = roc(view);
    const cut = thresholdControls(view, id, (value) => { threshold = value; refresh(); });
    const mix = mixControls(view, data.mostCopies, id, (times) => { copies = times; refresh(); });
    const [matrix, summary, status] = [counts(), rates(data.confidence), spoken()];
    const parts = [...strips, curve, cut, mix, matrix, summary, status];
    function refresh() {
      const measured = measure(view, threshold, copies, data.limits);
      for (const part of parts) part.update(measured);
    }
    refresh();
    const silent = view.silent ? [make("p", {}, `Frames without a score, left out: ${view.silent}.`)] : [];
    return [
      make("div", { class: "explorer-columns" },
        make("div", {}, ...strips.map((each) => each.node), cut.node, matrix.node),
        make("div", {}, curve.node, mix.node, summary.node)),
      ...silent, status.node,
    ];
  }

  function chooser(data, id, choose) {
    if (data.views.length < 2) return [];
    const select = make("select", {}, ...data.views.map((view, i) => make("option", { value: i }, view.title)));
    select.addEventListener("change", () => choose(data.views[select.value]));
    return [make("div", { class: "explorer-row" }, ...labelled("Scores of", `${id}-view`, select))];
  }

  function start(holder) {
    const id = holder.dataset.explorer;
    const figure = document.getElementById(id);
    const data = JSON.parse(holder.textContent);
    const body = make("div");
    const show = (view) => body.replaceChildren(...explorer(view, data, id));
    const whole = make("div", { class: "explorer", role: "group", "aria-label": "Threshold explorer" },
      ...chooser(data, id, show), body);
    show(data.views[0]);
    figure.prepend(whole);
    figure.classList.add("explored");
    holder.remove(); // a page with two explorers runs this script twice
  }

  document.querySelectorAll("script[data-explorer]").forEach(start);
})();
