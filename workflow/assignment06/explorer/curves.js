// Learning curves with their values under the pointer, and a table of the experiments that sorts.
"use strict";

const SIZE = { width: 360, height: 230, left: 46, right: 10, top: 10, bottom: 30 };
const TOLD = 5; // seeds that are told one by one; of more there are the mean and the range
const CURVES = { training: "", validation: "val_" };

function setUpCurves() {
  const groups = grouped(DATA.experiments);
  function draw() {
    const quantity = at("quantity").value;
    const values = DATA.experiments.flatMap((one) => Object.values(CURVES).flatMap((part) => one.epochs[part + quantity])).filter((value) => value !== null);
    const limits = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
    const ticks = niceTicks(...limits);
    at("charts").replaceChildren(...[...groups.values()].map((group) => chart(group, quantity, ticks)));
  }
  at("quantity").addEventListener("input", draw);
  draw();
}

// As Map.groupBy, which not every browser has.
function grouped(experiments) {
  const found = new Map();
  for (const one of experiments) found.set(one.group, [...(found.get(one.group) ?? []), one]);
  return found;
}

// Round numbers from below the lowest value to above the highest.
function niceTicks(low, high) {
  const rough = Math.max(high - low, 1e-6) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}

function chart(group, quantity, ticks) {
  const written = (value) => (value === null ? "none" : quantity === "accuracy" ? percent(value) : value.toFixed(3));
  const last = Math.max(...group.map((one) => one.epochs.accuracy.length));
  const across = SIZE.width - SIZE.left - SIZE.right;
  const down = SIZE.height - SIZE.top - SIZE.bottom;
  const x = (epoch) => SIZE.left + (last === 1 ? across / 2 : (across * (epoch - 1)) / (last - 1));
  const y = (value) => SIZE.top + (down * (ticks.at(-1) - value)) / (ticks.at(-1) - ticks[0]);
  const svg = make("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, "aria-hidden": true });
  for (const tick of ticks) {
    svg.append(make("line", { class: "grid", x1: SIZE.left, x2: SIZE.width - SIZE.right, y1: y(tick), y2: y(tick) }));
    const digits = quantity === "accuracy" ? `${Math.round(1000 * tick) / 10}%` : String(Math.round(1000 * tick) / 1000);
    svg.append(make("text", { x: SIZE.left - 6, y: y(tick) + 4, "text-anchor": "end" }, digits));
  }
  const step = Math.ceil(last / 8);
  for (let epoch = 1; epoch <= last; epoch += step) {
    svg.append(make("text", { x: x(epoch), y: SIZE.height - 12, "text-anchor": "middle" }, epoch));
  }
  svg.append(make("text", { x: SIZE.left + across / 2, y: SIZE.height - 1, "text-anchor": "middle" }, "epoch"));
  for (const [name, part] of Object.entries(CURVES)) {
    const series = group.map((one) => one.epochs[part + quantity]);
    if (group.length > 1) svg.append(...band(series, name, x, y));
    else svg.append(line(series[0], name, x, y));
  }
  const cursor = make("line", { class: "cursor", y1: SIZE.top, y2: SIZE.height - SIZE.bottom });
  svg.append(cursor);
  const title = group.length > 1 ? `${group[0].title}, and ${count(group.length - 1, "other seed")}` : group[0].title;
  const reading = make("p", { class: "reading-off" });
  const slider = { class: "chart", role: "slider", tabindex: 0, "aria-label": `${title}: ${quantity} at epoch`, "aria-valuemin": 1, "aria-valuemax": last };
  const holder = make("div", slider, svg);

  let now = 1;
  function read(epoch) {
    now = Math.min(Math.max(epoch, 1), last);
    cursor.setAttribute("x1", x(now));
    cursor.setAttribute("x2", x(now));
    const values = (one, part) => one.epochs[part + quantity][now - 1] ?? null;
    const each = group.map((one) => {
      const seed = group.length > 1 ? `seed ${one.seed}: ` : "";
      const shares = Object.entries(CURVES).map(([name, part]) => `${name} ${written(values(one, part))}`);
      return `${seed}${shares.join(", ")}${now === one.chosen ? " (saved)" : ""}`;
    });
    const reached = group.filter((one) => one.epochs.accuracy.length >= now); // one may have stopped before
    const together = Object.entries(CURVES).map(([name, part]) => {
      const known = reached.map((one) => values(one, part)).filter((value) => value !== null);
      return `${name} ${known.length ? `${written(mean(known))} (${written(Math.min(...known))} to ${written(Math.max(...known))})` : "none"}`;
    });
    const summary = group.length > 1 ? [`mean and range of ${count(reached.length, "seed")}: ${together.join(", ")}`] : [];
    const told = [...summary, ...(group.length > TOLD ? [] : each)];
    reading.replaceChildren(make("strong", {}, `Epoch ${now}`), ` ${told.join("; ")}`);
    holder.setAttribute("aria-valuenow", now);
    holder.setAttribute("aria-valuetext", `Epoch ${now}: ${told.join("; ")}`);
  }
  holder.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) * SIZE.width) / box.width - SIZE.left;
    read(last === 1 ? 1 : Math.round((place / across) * (last - 1)) + 1);
  });
  holder.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 1, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    read(to);
  });
  read(group[0].chosen);
  return make("figure", {}, make("figcaption", {}, title), holder, reading);
}

function line(values, name, x, y) {
  return make("path", { class: `line ${name}${values.length === 1 ? " alone" : ""}`, d: path(values, x, y) });
}

// A point that stands alone is a line of no length, which has round ends.
function path(values, x, y) {
  let pen = "M";
  return values
    .map((value, place) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const step = `${pen}${x(place + 1).toFixed(1)} ${y(value).toFixed(1)}${pen === "M" ? "h0" : ""}`;
      pen = "L";
      return step;
    })
    .join("");
}

function band(series, name, x, y) {
  const epochs = Math.max(...series.map((values) => values.length));
  const each = Array.from({ length: epochs }, (_, place) => series.map((values) => values[place]).filter((value) => value != null));
  const edge = (summary) => each.map((values, place) => (values.length ? `${x(place + 1).toFixed(1)} ${y(summary(values)).toFixed(1)}` : null)).filter(Boolean);
  const outline = [...edge((values) => Math.max(...values)), ...edge((values) => Math.min(...values)).reverse()];
  const middle = each.map((values) => (values.length ? mean(values) : null));
  return [make("path", { class: `band ${name}`, d: `M${outline.join("L")}Z` }), line(middle, name, x, y)];
}

const COLUMNS = [
  ["Experiment", (one) => one.title, String],
  ["Test accuracy", (one) => one.figures.accuracy, (value) => percent(value, 2)],
  ["Mistakes", (one) => one.wrong, (value) => value.toLocaleString("en-GB")],
  ["Test loss", (one) => one.figures.loss, (value) => (value === null ? "none" : value.toFixed(4))],
  ["Training accuracy", (one) => one.figures.training, (value) => percent(value, 2)],
  ["Validation accuracy", (one) => one.figures.validation, (value) => percent(value, 2)],
  ["Parameters", (one) => one.figures.parameters, (value) => value.toLocaleString("en-GB")],
  ["Epochs", (one) => one.figures.epochs, String],
  ["Training time", (one) => one.figures.seconds, (value) => (value < 90 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`)],
];

function setUpTable() {
  const table = at("sorted");
  let by = null;
  let rising = true;
  function draw() {
    const rows = [...DATA.experiments];
    if (by !== null) {
      const value = COLUMNS[by][1];
      rows.sort((one, other) => (rising ? 1 : -1) * (typeof value(one) === "string" ? value(one).localeCompare(value(other)) : value(one) - value(other)));
    }
    table.tBodies[0].replaceChildren(
      ...rows.map((one) => make("tr", {}, ...COLUMNS.map(([, value, written], place) => (place ? make("td", {}, written(value(one))) : make("th", { scope: "row" }, value(one)))))),
    );
    for (const [place, head] of [...table.tHead.rows[0].cells].entries()) {
      if (place === by) head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
  }
  function sort(place) {
    rising = by === place ? !rising : place === 0;
    by = place;
    draw();
  }
  table.tHead.append(
    make("tr", {}, ...COLUMNS.map(([name], place) => make("th", { scope: "col" }, make("button", { type: "button", onclick: () => sort(place) }, name)))),
  );
  table.append(make("tbody"));
  draw();
}
