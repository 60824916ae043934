// A trained net computed layer by layer, as Keras does. A tensor is { shape: [height, width, channels], values }, its
// values row by row with the channels of a pixel side by side. Layers and weights come from nets.py.
"use strict";

// Give each layer of a net as nets.py wrote it its weights (Float32Array), which come one after another in base64.
function readNet(written) {
  const bytes = base64(written.weights);
  let place = 0;
  const layers = written.layers.map((layer) => {
    const weights = layer.shapes.map((shape) => {
      const size = shape.reduce((one, other) => one * other, 1);
      const values = new Float32Array(bytes.buffer, 4 * place, size);
      place += size;
      return values;
    });
    return { ...layer, weights };
  });
  return { input: written.input, layers };
}

// The probabilities of the classes for pixels of 0 to 255, [height, width, channels] one after another.
function probabilities(net, pixels) {
  return given(net, pixels).at(-1).values;
}

// What every layer gives for such pixels.
function given(net, pixels) {
  const tensors = [];
  let tensor = { shape: net.input, values: Float32Array.from(pixels) };
  for (const layer of net.layers) {
    tensor = COMPUTE[layer.kind](tensor, layer);
    tensors.push(tensor);
  }
  return tensors;
}

const COMPUTE = {
  Rescaling: ({ shape, values }, layer) => ({ shape, values: values.map((value) => value * layer.scale + layer.offset) }),
  Flatten: ({ values }) => ({ shape: [1, 1, values.length], values }),
  Conv2D: convolve,
  Dense: (tensor, layer) => ({ shape: [1, 1, layer.shapes[1][0]], values: dense(tensor.values, layer) }),
  MaxPooling2D: (tensor, layer) => pool(tensor, layer, largest),
  AveragePooling2D: (tensor, layer) => pool(tensor, layer, mean),
  GlobalAveragePooling2D: (tensor) => overall(tensor, mean),
  GlobalMaxPooling2D: (tensor) => overall(tensor, largest),
  Affine: affine,
  Activation: ({ shape, values }, layer) => ({ shape, values: ACTIVATE[layer.activation](values) }),
};

const ACTIVATE = {
  relu: (values) => values.map((value) => Math.max(value, 0)),
  sigmoid: (values) => values.map((value) => 1 / (1 + Math.exp(-value))),
  tanh: (values) => values.map(Math.tanh),
  softmax: softmax,
};

// How a window moves along a side: the number of places, and how far the first lies outside.
function along(length, window, stride, padding) {
  if (padding === "valid") return { places: Math.floor((length - window) / stride) + 1, before: 0 };
  const places = Math.ceil(length / stride);
  return { places, before: Math.floor(Math.max((places - 1) * stride + window - length, 0) / 2) };
}

function convolve({ shape: [height, width, channels], values }, layer) {
  const [kernel, bias] = layer.weights;
  const [rows, columns, , filters] = layer.shapes[0];
  const down = along(height, rows, layer.strides[0], layer.padding);
  const right = along(width, columns, layer.strides[1], layer.padding);
  const result = new Float32Array(down.places * right.places * filters);
  const sums = new Float64Array(filters);
  for (let y = 0; y < down.places; y++) {
    for (let x = 0; x < right.places; x++) {
      sums.set(bias);
      for (let row = 0; row < rows; row++) {
        const from = y * layer.strides[0] - down.before + row;
        if (from < 0 || from >= height) continue;
        for (let column = 0; column < columns; column++) {
          const at = x * layer.strides[1] - right.before + column;
          if (at < 0 || at >= width) continue;
          for (let channel = 0; channel < channels; channel++) {
            const value = values[(from * width + at) * channels + channel];
            if (value === 0) continue; // a black pixel, or what a ReLU cut off
            const start = ((row * columns + column) * channels + channel) * filters;
            for (let filter = 0; filter < filters; filter++) sums[filter] += value * kernel[start + filter];
          }
        }
      }
      result.set(sums, (y * right.places + x) * filters);
    }
  }
  return { shape: [down.places, right.places, filters], values: result };
}

function dense(values, layer) {
  const [kernel, bias] = layer.weights;
  const sums = Float64Array.from(bias);
  values.forEach((value, row) => {
    for (let unit = 0; unit < sums.length; unit++) sums[unit] += value * kernel[row * sums.length + unit];
  });
  return Float32Array.from(sums);
}

function pool({ shape: [height, width, channels], values }, layer, summary) {
  const down = along(height, layer.size[0], layer.strides[0], layer.padding);
  const right = along(width, layer.size[1], layer.strides[1], layer.padding);
  const result = new Float32Array(down.places * right.places * channels);
  for (let y = 0; y < down.places; y++) {
    for (let x = 0; x < right.places; x++) {
      for (let channel = 0; channel < channels; channel++) {
        const seen = [];
        for (let row = 0; row < layer.size[0]; row++) {
          const from = y * layer.strides[0] - down.before + row;
          if (from < 0 || from >= height) continue;
          for (let column = 0; column < layer.size[1]; column++) {
            const at = x * layer.strides[1] - right.before + column;
            if (at >= 0 && at < width) seen.push(values[(from * width + at) * channels + channel]);
          }
        }
        result[(y * right.places + x) * channels + channel] = summary(seen);
      }
    }
  }
  return { shape: [down.places, right.places, channels], values: result };
}

function mean(values) {
  return values.reduce((one, other) => one + other, 0) / values.length;
}

function largest(values) {
  return values.reduce((one, other) => Math.max(one, other));
}

// One value for each channel.
function overall({ shape: [, , channels], values }, summary) {
  const found = Array.from({ length: channels }, (_, channel) => summary(values.filter((_, place) => place % channels === channel)));
  return { shape: [1, 1, channels], values: Float32Array.from(found) };
}

function affine({ shape, values }, layer) {
  const [scale, shift] = layer.weights;
  return { shape, values: values.map((value, place) => value * scale[place % scale.length] + shift[place % shift.length]) };
}

function softmax(values) {
  const top = largest(values);
  const powers = Array.from(values, (value) => Math.exp(value - top));
  const sum = powers.reduce((one, other) => one + other);
  return Float32Array.from(powers, (power) => power / sum);
}
