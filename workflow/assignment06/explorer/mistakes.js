// Every mistake: filters, a confusion matrix whose cells are filters too, and two experiments side by side.
"use strict";

const PART = 240; // pictures that are added at a time
const TILE = 72; // pixels of the screen

function setUpMistakes() {
  const [mine, other, view, truth, said, least, most, order] = ["experiment", "other", "view", "truth", "said", "least", "most", "order"].map(at);
  const filters = [mine, other, view, truth, said, least, most, order];
  const names = DATA.experiments.map((one) => one.name);
  const titles = DATA.experiments.map((one) => one.title);
  let found = [];
  let shown = 0;

  options(mine, names, titles);
  const experiment = (name) => DATA.experiments.find((one) => one.name === name);

  // Classes, and experiments on the same test images, are those of the experiment that was chosen.
  function chosen() {
    const one = experiment(mine.value);
    const beside = DATA.experiments.filter((two) => two.dataset === one.dataset && two !== one);
    options(other, ["", ...beside.map((two) => two.name)], ["none", ...beside.map((two) => two.title)]);
    for (const select of [truth, said]) options(select, ["", ...one.classes.keys()], ["any", ...one.classes]);
    other.disabled = !beside.length;
    matrix(one);
    changed();
  }

  // Whether an image is shown, by who is right of it: the one in the first select, and the one in the second.
  const VIEWS = {
    all: (one) => !one,
    only: (one, two) => !one && two,
    there: (one, two) => one && !two,
    both: (one, two) => !one && !two,
  };

  function changed() {
    const one = experiment(mine.value);
    const two = other.value ? experiment(other.value) : null;
    view.disabled = !two;
    if (!two) view.value = "all";
    const images = DATA.datasets[one.dataset];
    const subject = view.value === "there" ? two : one; // whose prediction is filtered: the one that is wrong
    const [low, high] = [least, most].map((range) => 100 * Number(range.value));
    found = images.index.map((_, place) => place).filter((place) => {
      const right = [one, two].map((each) => each && images.said[each.name].label[place] === images.truth[place]);
      const { label, share } = images.said[subject.name];
      return (
        VIEWS[view.value](...right) &&
        (truth.value === "" || images.truth[place] === Number(truth.value)) &&
        (said.value === "" || label[place] === Number(said.value)) &&
        share[place] >= low &&
        share[place] <= high
      );
    });
    const { share } = images.said[subject.name];
    if (order.value !== "index") found.sort((a, b) => (order.value === "most" ? share[b] - share[a] : share[a] - share[b]));
    at("least-value").textContent = `${least.value}%`;
    at("most-value").textContent = `${most.value}%`;
    at("found").textContent = `${count(found.length, "image")} of ${count(subject.wrong, "mistake")} of ${subject.title}.`;
    at("capped").textContent =
      images.index.length < images.wrong
        ? `Of ${count(images.wrong, "image")} that some net got wrong, this page has room for the ${images.index.length.toLocaleString("en-GB")} of which a net was most certain.`
        : "";
    for (const cell of at("matrix").querySelectorAll("button")) {
      cell.setAttribute("aria-pressed", cell.dataset.truth === truth.value && cell.dataset.said === said.value);
    }
    at("pictures").replaceChildren();
    at("pictures-part").scrollTop = 0;
    shown = 0;
    add();
  }

  function add() {
    const [one, two] = [mine.value, other.value].map((name) => (name ? experiment(name) : null));
    const images = DATA.datasets[one.dataset];
    at("pictures").append(...found.slice(shown, shown + PART).map((place) => figure(images, place, one, two)));
    shown = Math.min(shown + PART, found.length);
    at("more").hidden = shown >= found.length;
    at("more").textContent = `Show more (${shown.toLocaleString("en-GB")} of ${found.length.toLocaleString("en-GB")} shown)`;
  }

  function figure(images, place, one, two) {
    const label = `Test image ${images.index[place]}`;
    const picture = make("span", { class: `tile sprite-${one.dataset}`, role: "img", "aria-label": label, title: label });
    picture.style.backgroundSize = `${TILE * images.across}px ${TILE * images.rows}px`;
    picture.style.backgroundPosition = `${-TILE * (place % images.across)}px ${-TILE * Math.floor(place / images.across)}px`;
    const words = (each) => `${each.classes[images.said[each.name].label[place]]} ${percent(images.said[each.name].share[place] / 10000, 0)}`;
    const lines = two
      ? [one, two].map((each) => {
          const right = images.said[each.name].label[place] === images.truth[place];
          return make("span", { class: right ? "up" : "down" }, `${each.short}: ${words(each)} ${right ? "✓" : "✗"}`);
        })
      : [make("strong", {}, words(one))];
    return make("li", {}, picture, ...lines, make("span", { class: "soft" }, `is ${one.classes[images.truth[place]]}`));
  }

  function matrix(one) {
    const table = at("matrix");
    table.replaceChildren();
    at("matrix-part").hidden = one.classes.length > DATA.largestMatrix;
    if (at("matrix-part").hidden) return;
    const largest = Math.max(1, ...one.matrix.flatMap((row, y) => row.filter((_, x) => x !== y)));
    const head = one.classes.map((name) => make("th", { scope: "col" }, make("span", {}, name)));
    const rows = one.matrix.map((row, y) => {
      const total = row.reduce((sum, value) => sum + value, 0);
      const cells = row.map((images, x) => {
        const cell = make("td", { class: x === y ? "right" : "" }, images || x === y ? "" : "·");
        cell.style.setProperty("--share", `${Math.round((100 * images) / (x === y ? Math.max(total, 1) : largest))}%`);
        if (x === y) cell.append(String(images));
        else if (images) {
          const name = `${count(images, "image")} of ${one.classes[y]}, predicted ${one.classes[x]}`;
          cell.append(make("button", { type: "button", "data-truth": y, "data-said": x, "aria-label": name, "aria-pressed": "false" }, images));
        }
        return cell;
      });
      return make("tr", {}, make("th", { scope: "row" }, one.classes[y]), ...cells);
    });
    const corner = make("td", { class: "corner" }, make("span", { class: "hidden" }, "true class"));
    table.append(make("thead", {}, make("tr", {}, corner, ...head)), make("tbody", {}, ...rows));
  }

  at("matrix").addEventListener("click", (event) => {
    const cell = event.target.closest("button");
    if (!cell) return;
    const again = cell.getAttribute("aria-pressed") === "true";
    truth.value = again ? "" : cell.dataset.truth;
    said.value = again ? "" : cell.dataset.said;
    if (view.value === "there") view.value = "all"; // the cells count the first experiment's mistakes
    changed();
  });
  mine.addEventListener("change", chosen);
  for (const filter of filters.slice(1)) filter.addEventListener("input", changed);
  at("reset").addEventListener("click", () => {
    Object.assign(least, { value: 0 });
    Object.assign(most, { value: 100 });
    order.value = "most";
    chosen();
  });
  at("more").addEventListener("click", add);
  new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && shown < found.length && shown >= PART && add(), {
    root: at("pictures-part"),
    rootMargin: "300px",
  }).observe(at("more"));
  chosen();
}
