// Draw a digit: strokes become an image as MNIST's were made (LeCun et al., 1998: fitted into 20 x 20 pixels, put with the
// centre of mass in the middle of 28 x 28), and the net that is in the page says what it is.
"use strict";

const SIDE = 28;
const FITTED = 20;
const STROKE = 2.6; // pixels of these, about as wide as MNIST's pens
const SMALL = 60; // a drawing below a fifth of the canvas is not blown up to the full size
const FINE = 8; // drawn so many times larger, then averaged, which gives grey edges

// The pixels (Uint8Array, 784, white on black) of strokes, which are lists of [x, y]; null without any.
function asMnist(strokes) {
  const points = strokes.flat();
  if (!points.length) return null;
  const [left, top] = [0, 1].map((axis) => Math.min(...points.map((point) => point[axis])));
  const [right, bottom] = [0, 1].map((axis) => Math.max(...points.map((point) => point[axis])));
  const scale = (FITTED - STROKE) / Math.max(right - left, bottom - top, SMALL);
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const [x, y] = centreOfMass(rendered(strokes, scale, middle));
  return rendered(strokes, scale, [middle[0] + (x - SIDE / 2) / scale, middle[1] + (y - SIDE / 2) / scale]);
}

const fine = make("canvas", { width: SIDE * FINE, height: SIDE * FINE }).getContext("2d", { willReadFrequently: true });

function rendered(strokes, scale, middle) {
  fine.setTransform(1, 0, 0, 1, 0, 0);
  fine.fillStyle = "black";
  fine.fillRect(0, 0, SIDE * FINE, SIDE * FINE);
  fine.translate((SIDE / 2) * FINE, (SIDE / 2) * FINE);
  fine.scale(scale * FINE, scale * FINE);
  fine.translate(-middle[0], -middle[1]);
  trace(fine, strokes, STROKE / scale, "white");
  const { data } = fine.getImageData(0, 0, SIDE * FINE, SIDE * FINE);
  const sums = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < SIDE * FINE; y++) {
    for (let x = 0; x < SIDE * FINE; x++) {
      sums[Math.floor(y / FINE) * SIDE + Math.floor(x / FINE)] += data[4 * (y * SIDE * FINE + x)];
    }
  }
  return Uint8Array.from(sums, (sum) => Math.round(sum / FINE ** 2));
}

function trace(context, strokes, width, colour) {
  Object.assign(context, { lineWidth: width, strokeStyle: colour, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...stroke[0]);
    for (const point of stroke.length > 1 ? stroke : [stroke[0], stroke[0]]) context.lineTo(...point);
    context.stroke();
  }
}

function centreOfMass(pixels) {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((value, place) => {
    mass += value;
    x += value * ((place % SIDE) + 0.5);
    y += value * (Math.floor(place / SIDE) + 0.5);
  });
  return mass ? [x / mass, y / mass] : [SIDE / 2, SIDE / 2];
}

// Show pixels (grey, 0 to 255) on a canvas of 28 x 28.
function showPixels(canvas, pixels) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  for (let place = 0; place < SIDE * SIDE; place++) {
    const grey = pixels ? pixels[place] : 0;
    image.data.set([grey, grey, grey, 255], 4 * place);
  }
  context.putImageData(image, 0, 0);
}

function setUpDrawing() {
  if (!DATA.drawing.net) return;
  const net = readNet(DATA.drawing.net);
  const { classes, samples } = DATA.drawing;
  const [pad, seen, status, time] = ["pad", "seen", "answer", "answer-time"].map(at);
  const context = pad.getContext("2d");
  const show = bars(at("digit-bars"), classes);
  const inside = at("inside");
  const fill = setUpLayers(net);
  let last = null;
  let strokes = [];
  let waiting = false;

  function answer(pixels, what, began = performance.now()) {
    const shares = pixels && Array.from(probabilities(net, pixels));
    const spent = performance.now() - began;
    last = pixels;
    showPixels(seen, pixels);
    show(shares);
    if (inside.open) fill(pixels ?? new Uint8Array(SIDE * SIDE));
    status.textContent = shares ? `${what}${classes[shares.indexOf(Math.max(...shares))]}, ${percent(Math.max(...shares))}` : "Nothing drawn yet.";
    time.textContent = shares ? `Computed on your device in ${spent < 1 ? "less than 1" : Math.round(spent)} ms.` : "";
  }

  function paint() {
    context.fillStyle = "black";
    context.fillRect(0, 0, pad.width, pad.height);
    trace(context, strokes, 18, "white");
  }

  // Once a frame, however many points a mouse sends
  function changed() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const began = performance.now();
      paint();
      answer(asMnist(strokes), "The net says: ", began);
    });
  }

  function place(event) {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
  }

  let drawing = false;
  pad.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    drawing = true;
    pad.setPointerCapture(event.pointerId);
    strokes.push([place(event)]);
    changed();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    strokes.at(-1).push(place(event));
    changed();
  });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => (drawing = false));
  at("clear").addEventListener("click", () => {
    strokes = [];
    changed();
  });
  at("undo").addEventListener("click", () => {
    strokes.pop();
    changed();
  });
  at("samples").append(
    ...samples.map(({ index, label, pixels }) => {
      const picture = make("canvas", { width: SIDE, height: SIDE, class: "pixels", "aria-hidden": true });
      const values = base64(pixels);
      showPixels(picture, values);
      function choose() {
        strokes = [];
        paint();
        context.imageSmoothingEnabled = false;
        context.drawImage(picture, 0, 0, pad.width, pad.height);
        answer(values, `Test image ${index} is ${label}. The net says: `);
      }
      return make("li", {}, make("button", { type: "button", "aria-label": `Test image ${index}: ${label}`, onclick: choose }, picture));
    }),
  );
  inside.addEventListener("toggle", () => inside.open && fill(last ?? new Uint8Array(SIDE * SIDE)));
  paint();
  answer(null);
}
