// The photographs of 6.3 with the labels that the classifier gave them, and over each what can be switched on and off:
// objects, faces, and the places that spoke for the first label.
"use strict";

const LETTERS = 15; // height of a line of words, in pixels of a picture
const HEAT_SIDE = 112; // pixels of a map's side as it is shown
// From dark blue to yellow, evenly for colour-blind readers too (matplotlib's viridis at 17 places)
const VIRIDIS = [
  [68, 1, 84], [72, 24, 106], [71, 45, 123], [66, 64, 134], [59, 82, 139], [51, 99, 141], [44, 114, 142], [38, 130, 142],
  [33, 145, 140], [31, 160, 136], [40, 174, 128], [63, 188, 115], [94, 201, 98], [132, 212, 75], [173, 220, 48],
  [216, 226, 25], [253, 231, 37],
];

function setUpPhotographs() {
  const list = at("photograph-list");
  const switches = [...document.querySelectorAll("#overlays input")];
  list.append(...DATA.photographs.map(card));
  function show() {
    for (const { value, checked } of switches) list.classList.toggle(`with-${value}`, checked);
    const wanted = switches.filter(({ checked }) => checked).map(({ value }) => value);
    DATA.photographs.forEach((photograph, place) => draw(photograph, list.children[place], wanted));
  }
  for (const box of switches) box.addEventListener("input", show);
  show();
}

// What is wanted over a photograph: outlines anew, as their words make room for one another; a map once.
function draw({ uri, width, height, found, map }, item, wanted) {
  if (!uri) return;
  const frame = item.querySelector(".layered");
  const written = [];
  for (const svg of frame.querySelectorAll("svg")) svg.remove();
  frame.append(...Object.keys(found).filter((what) => wanted.includes(what)).map((what) => outlines(what, found[what].boxes, width, height, written)));
  const canvas = frame.querySelector("canvas");
  if (canvas && wanted.includes("map") && !canvas.dataset.drawn) {
    heat(canvas, map);
    canvas.dataset.drawn = true;
  }
}

function card(photograph) {
  const list = make("ol", { class: "bars", "aria-label": "Probability of the first labels" });
  bars(list, photograph.labels.map((label) => label.label))(photograph.labels.map((label) => label.probability));
  const told = Object.entries(photograph.found).map(([what, found]) => make("p", { class: `note over ${what}` }, inWords(what, found)));
  const gone = photograph.uri ? null : make("p", { class: "note" }, `No longer to be read: ${photograph.gone}.`);
  const caption = photograph.caption ? [make("p", { class: "note" }, `“${photograph.caption}”`)] : [];
  return make("li", { class: "card" }, make("h3", {}, photograph.name), gone ?? picture(photograph), ...caption, ...told, list);
}

// "Objects: person 0.91, 0.85; dog 0.42 and 3 more."
function inWords(what, { boxes, more }) {
  const scores = new Map();
  for (const { label, score } of boxes) scores.set(label, [...(scores.get(label) ?? []), score.toFixed(2)]);
  const each = [...scores].map(([label, all]) => `${what === "faces" ? "" : `${label} `}${all.join(", ")}`);
  const rest = more ? ` and ${more} more` : "";
  return `${what === "faces" ? "Faces" : "Objects"}: ${each.length ? each.join("; ") + rest : "none found"}.`;
}

// A photograph with a place for its map, which covers the square in the middle that the net was given.
function picture({ name, uri, width, height, map, labels }) {
  const layers = [make("img", { src: uri, width, height, alt: `Photograph ${name}` })];
  if (map) {
    const canvas = make("canvas", { class: "over map", width: HEAT_SIDE, height: HEAT_SIDE, role: "img", "aria-label": `Where ${labels[0].label} was seen` });
    const side = Math.min(width, height);
    Object.assign(canvas.style, {
      left: `${(50 * (width - side)) / width}%`, width: `${(100 * side) / width}%`,
      top: `${(50 * (height - side)) / height}%`, height: `${(100 * side) / height}%`,
    });
    layers.push(canvas);
  }
  const frame = make("div", { class: map ? "layered mapped" : "layered" }, ...layers);
  frame.style.maxWidth = `${(22 * width) / height}rem`;
  return frame;
}

// The smallest lie on top, and words over all; these stand where no others do, which are `written`.
function outlines(what, boxes, width, height, written) {
  const svg = make("svg", { class: what, viewBox: `0 0 ${width} ${height}`, "aria-hidden": true });
  const signs = [];
  const area = ({ place }) => place[2] * place[3];
  for (const { label, score, place } of [...boxes].sort((one, other) => area(other) - area(one))) {
    const [x, y, across, down] = [place[0] * width, place[1] * height, place[2] * width, place[3] * height];
    const words = `${what === "faces" ? "" : `${label} `}${score.toFixed(2)}`;
    const size = { x, y, width: across, height: down };
    const box = freePlace(size, 0.5 * LETTERS * words.length + 6, LETTERS + 3, width, height, written);
    written.push(box);
    svg.append(make("rect", { class: "halo", ...size }), make("rect", { class: "outline", ...size }));
    signs.push(make("rect", { class: "sign", ...box }), make("text", { x: box.x + 3, y: box.y + LETTERS - 1 }, words));
  }
  svg.append(...signs);
  return svg;
}

// Above a box, in it, or below, in the picture, and if possible on no other words.
function freePlace(box, wide, high, width, height, written) {
  const x = Math.min(Math.max(0, box.x), Math.max(0, width - wide));
  const tops = [box.y - high, ...[0, 1, 2, 3, 4, 5].map((step) => box.y + step * high), box.y + box.height];
  const free = (top) => written.every((one) => x >= one.x + one.width || one.x >= x + wide || top >= one.y + one.height || one.y >= top + high);
  const y = tops.find((top) => top >= 0 && top <= height - high && free(top)) ?? Math.min(Math.max(0, box.y), height - high);
  return { x, y, width: wide, height: high };
}

function heat(canvas, map) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(HEAT_SIDE, HEAT_SIDE);
  for (let y = 0; y < HEAT_SIDE; y++) {
    for (let x = 0; x < HEAT_SIDE; x++) {
      const value = between(map, ((y + 0.5) * map.length) / HEAT_SIDE - 0.5, ((x + 0.5) * map[0].length) / HEAT_SIDE - 0.5);
      image.data.set([...viridis(value), 255], 4 * (y * HEAT_SIDE + x));
    }
  }
  context.putImageData(image, 0, 0);
}

// Between the four places that are nearest to a row and a column (bilinear); at the rim, that of the rim.
function between(map, row, column) {
  const [y, x] = [Math.min(Math.max(row, 0), map.length - 1), Math.min(Math.max(column, 0), map[0].length - 1)];
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [bottom, right] = [Math.min(top + 1, map.length - 1), Math.min(left + 1, map[0].length - 1)];
  const mixed = (one, other, share) => one + (other - one) * share;
  return mixed(mixed(map[top][left], map[top][right], x - left), mixed(map[bottom][left], map[bottom][right], x - left), y - top);
}

function viridis(share) {
  const place = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const first = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return VIRIDIS[first].map((value, part) => Math.round(value + (VIRIDIS[first + 1][part] - value) * (place - first)));
}
