// What the layers make of a digit: the filters of the first convolution, and what each layer gives, channel by channel
// (after F. Chollet, Deep Learning with Python, first edition, section 5.4).
"use strict";

const ACROSS = 16; // channels in a row

// Draw images (height x width each, their values by a function of channel and place) beside one another on a canvas.
function mosaic(canvas, height, width, channels, colour) {
  canvas.width = Math.min(channels, ACROSS) * (width + 1) - 1;
  canvas.height = Math.ceil(channels / ACROSS) * (height + 1) - 1;
  const context = canvas.getContext("2d");
  for (let channel = 0; channel < channels; channel++) {
    const image = context.createImageData(width, height);
    for (let place = 0; place < height * width; place++) image.data.set([...colour(channel, place), 255], 4 * place);
    context.putImageData(image, (channel % ACROSS) * (width + 1), Math.floor(channel / ACROSS) * (height + 1));
  }
}

// From orange by white to blue, for readers of all kinds of sight: what a filter takes away, and what it adds.
function signed(share) {
  const end = share < 0 ? [213, 94, 0] : [0, 114, 178];
  return end.map((value) => Math.round(255 + (value - 255) * Math.abs(share)));
}

// Make a figure for each layer that gives images; the function that comes back fills them for pixels.
function setUpLayers(net) {
  const first = net.layers.findIndex((layer) => layer.kind === "Conv2D");
  const tensors = given(net, new Float32Array(net.input.reduce((one, other) => one * other, 1)));
  // With its activation a convolution is one layer; scaling and what comes after the images are none
  const shown = [...net.layers.keys()].filter(
    (place) => place >= first && first >= 0 && tensors[place].shape[0] > 1 && net.layers[place + 1]?.kind !== "Activation",
  );
  const pictures = shown.map((place) => {
    const [height, width, channels] = tensors[place].shape;
    const name = net.layers[place].kind === "Activation" ? net.layers[place - 1].kind : net.layers[place].kind;
    const title = `${name}: ${count(channels, "channel")} of ${height} x ${width}`;
    const canvas = make("canvas", { class: "pixels mosaic", role: "img", "aria-label": title });
    at("layers").append(make("figure", {}, make("figcaption", {}, title), canvas));
    return { place, canvas };
  });
  if (first >= 0) {
    const [rows, columns, channels, filters] = net.layers[first].shapes[0];
    const kernel = net.layers[first].weights[0];
    const largest = largestOf(kernel);
    mosaic(at("filters"), rows, columns, filters, (filter, place) => signed(kernel[place * channels * filters + filter] / largest));
  }
  return function fill(pixels) {
    const found = given(net, pixels);
    for (const { place, canvas } of pictures) {
      const { shape, values } = found[place];
      const [height, width, channels] = shape;
      const top = largestOf(values);
      mosaic(canvas, height, width, channels, (channel, at) => {
        const grey = Math.round((255 * Math.max(values[at * channels + channel], 0)) / top);
        return [grey, grey, grey];
      });
    }
  };
}

function largestOf(values) {
  return Math.max(values.reduce((one, other) => Math.max(one, Math.abs(other)), 0), 1e-9);
}
