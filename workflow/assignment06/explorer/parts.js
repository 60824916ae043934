// What all parts of the page use. Text from data becomes a text node, never markup.
"use strict";

const DATA = JSON.parse(document.getElementById("data").textContent);

function at(id) {
  return document.getElementById(id);
}

// An element with attributes (those that begin with "on" are listeners) and children, which are elements or text.
function make(tag, attributes = {}, ...children) {
  const drawn = ["svg", "path", "line", "rect", "text"].includes(tag);
  const node = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

function percent(share, digits = 1) {
  return share === null ? "none" : `${(100 * share).toFixed(digits)}%`;
}

function count(number, noun) {
  return `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;
}

function options(select, values, texts) {
  select.replaceChildren(...values.map((value, place) => make("option", { value }, texts[place])));
}

// A list of labels with bars; its function `show` gives them other shares, and marks the largest.
function bars(list, labels) {
  const rows = labels.map((label) => {
    const value = make("span", { class: "value" }, "");
    const bar = make("span");
    const row = make("li", {}, make("span", { class: "label" }, label), value, make("span", { class: "bar", "aria-hidden": true }, bar));
    return { row, value, bar };
  });
  list.replaceChildren(...rows.map(({ row }) => row));
  return function show(shares) {
    const top = shares ? shares.indexOf(Math.max(...shares)) : -1;
    rows.forEach(({ row, value, bar }, place) => {
      value.textContent = shares ? percent(shares[place]) : "";
      bar.style.width = shares ? `${100 * shares[place]}%` : "0";
      row.classList.toggle("first", place === top);
    });
  };
}

function base64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
