// The page to explore: what comes first, and the photographs.
"use strict";

function setUpPhotographs() {
  at("photograph-list").append(
    ...DATA.photographs.map((photograph) => {
      const picture = photograph.uri
        ? make("img", { src: photograph.uri, width: photograph.width, height: photograph.height, alt: `Photograph ${photograph.name}` })
        : make("p", { class: "note" }, `No longer to be read: ${photograph.gone}.`);
      const list = make("ol", { class: "bars" });
      bars(list, photograph.labels.map((label) => label.label))(photograph.labels.map((label) => label.probability));
      return make("li", { class: "card" }, make("h3", {}, photograph.name), make("div", { class: "pair" }, picture, list));
    }),
  );
}

setUpDrawing();
setUpMistakes();
setUpCurves();
setUpTable();
setUpPhotographs();
document.documentElement.classList.add("ready");
