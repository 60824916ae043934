// The page to explore: each part is set up, and only then shown.
"use strict";

setUpDrawing();
setUpMistakes();
setUpCurves();
setUpTable();
setUpPhotographs();
document.documentElement.classList.add("ready");
